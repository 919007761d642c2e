using System.Globalization;
using ImageCache.Engine.Native.Posix;

namespace ImageCache.Engine.Store;

/// <summary>
/// What changes when a file does: while it is equal, nobody wrote to the file through the kernel (the time of the last change cannot
/// be set). What decays on the disk does not show in it.
/// </summary>
internal sealed record FileFingerprint
{
    /// <summary>The device, as <c>major:minor</c>.</summary>
    public required string Device { get; init; }

    public required ulong Inode { get; init; }

    public required long Size { get; init; }

    /// <summary>When the content changed (mtime), in nanoseconds of Unix time.</summary>
    public required long Modified { get; init; }

    /// <summary>When anything changed (ctime), in nanoseconds of Unix time.</summary>
    public required long Changed { get; init; }

    public static FileFingerprint Of(in FileStatus status) => new()
    {
        Device = string.Create(CultureInfo.InvariantCulture, $"{status.Identity.Major}:{status.Identity.Minor}"),
        Inode = status.Inode,
        Size = status.Size,
        Modified = status.ModifiedNanoseconds,
        Changed = status.ChangedNanoseconds,
    };

    /// <summary>Whether it is the same file with the same bytes; its name, owner or mode may have changed.</summary>
    public bool HasContentOf(FileFingerprint other) => this with { Changed = other.Changed } == other;
}
