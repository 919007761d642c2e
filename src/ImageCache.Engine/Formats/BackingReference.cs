namespace ImageCache.Engine.Formats;

/// <summary>What a disk is built on, by its own header.</summary>
/// <param name="BackingFile">The local backing file, as it is named; <see langword="null"/> when there is none, or none of this node.</param>
/// <param name="BackingFormat">The format it is to be opened with, when that is said.</param>
/// <param name="DataFile">The name of an external data file.</param>
/// <param name="Unreadable">Why that cannot be told; the disk may then be built on anything.</param>
internal sealed record BackingReference(string? BackingFile, string? BackingFormat, string? DataFile, string? Unreadable)
{
    /// <summary>A disk that stands alone.</summary>
    public static BackingReference None { get; } = new(null, null, null, null);

    /// <summary>A disk that may be built on anything.</summary>
    public static BackingReference Unknown(string reason) => new(null, null, null, reason);
}
