using ImageCache.Engine.Store;

namespace ImageCache.Engine.Life.Critical;

/// <summary>What reading the critical set gave.</summary>
/// <param name="State">Whether it can be used; <see cref="RecordState.Missing"/> is an empty set.</param>
/// <param name="Images">The entries by the names of their base files.</param>
/// <param name="Reason">Why it cannot be trusted.</param>
internal sealed record CriticalReading(RecordState State, IReadOnlyDictionary<string, CriticalEntry> Images, string? Reason = null)
{
    /// <summary>Whether every critical image is known: a damaged list, or one of a newer version, may name anything.</summary>
    public bool IsComplete => State is RecordState.Missing or RecordState.Valid;

    /// <summary>Whether an image is critical, or may be for all that can be read.</summary>
    public bool MayBeCritical(string baseName) => !IsComplete || Images.ContainsKey(baseName);
}
