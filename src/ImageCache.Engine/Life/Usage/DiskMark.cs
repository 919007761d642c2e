using ImageCache.Engine.Native.Posix;

namespace ImageCache.Engine.Life.Usage;

/// <summary>What changes when somebody writes to a disk.</summary>
internal readonly record struct DiskMark(uint Major, uint Minor, ulong Inode, long Size, long Modified, long Changed)
{
    public static DiskMark Of(in FileStatus status)
        => new(status.Identity.Major, status.Identity.Minor, status.Inode, status.Size, status.ModifiedNanoseconds, status.ChangedNanoseconds);
}
