using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace ImageCache.Engine.Native.Posix;

/// <summary>What statx(2) tells of a file. Its structure, unlike stat's, is the same on every architecture.</summary>
internal readonly partial record struct FileStatus
{
    private const int CurrentDirectory = -100; // AT_FDCWD
    private const int SymlinkNoFollow = 0x100; // AT_SYMLINK_NOFOLLOW
    private const int EmptyPath = 0x1000; // AT_EMPTY_PATH
    private const uint Birth = 0x800; // STATX_BTIME
    private const uint Wanted = 0x7ff | Birth; // STATX_BASIC_STATS

    private const int TypeMask = 0xf000;
    private const int Regular = 0x8000;
    private const int DirectoryType = 0x4000;
    private const int SymbolicLink = 0xa000;

    private static readonly long EarliestSecond = DateTimeOffset.MinValue.ToUnixTimeSeconds();
    private static readonly long LatestSecond = DateTimeOffset.MaxValue.ToUnixTimeSeconds() - 1;

    /// <summary>The device and inode: equal exactly for one and the same file.</summary>
    public (uint Major, uint Minor, ulong Inode) Identity { get; private init; }

    public ulong Inode => Identity.Inode;

    public uint Links { get; private init; }

    public uint UserId { get; private init; }

    public uint GroupId { get; private init; }

    public ushort RawMode { get; private init; }

    public UnixFileMode Mode => (UnixFileMode)(RawMode & 0xfff);

    /// <summary>Length in bytes.</summary>
    public long Size { get; private init; }

    /// <summary>Bytes allocated.</summary>
    public long Allocated { get; private init; }

    public DateTimeOffset Modified { get; private init; }

    /// <summary>When the content last changed, in nanoseconds of Unix time; who owns the file can set it.</summary>
    public long ModifiedNanoseconds { get; private init; }

    /// <summary>When the file last changed in any way, in nanoseconds of Unix time; nobody can set it.</summary>
    public long ChangedNanoseconds { get; private init; }

    /// <summary>When the file was made, in nanoseconds of Unix time; <see langword="null"/> where the file system keeps no such time.</summary>
    public long? BornNanoseconds { get; private init; }

    public bool IsRegular => (RawMode & TypeMask) == Regular;

    public bool IsDirectory => (RawMode & TypeMask) == DirectoryType;

    public bool IsSymbolicLink => (RawMode & TypeMask) == SymbolicLink;

    /// <summary>Looks at a path; a symbolic link is not followed.</summary>
    /// <returns><see langword="null"/> when there is nothing.</returns>
    /// <exception cref="IOException">It cannot be looked at.</exception>
    public static FileStatus? OfPath(string path, bool follow = false)
    {
        int result = Statx(CurrentDirectory, path, follow ? 0 : SymlinkNoFollow, Wanted, out Layout layout);
        if (result == 0)
        {
            return From(layout);
        }

        int error = Marshal.GetLastPInvokeError();
        return error == PosixError.ENOENT ? null : throw PosixError.Exception("stat", path, error);
    }

    /// <summary>Looks at an open file.</summary>
    public static FileStatus OfHandle(SafeFileHandle handle, string path)
    {
        bool added = false;
        try
        {
            handle.DangerousAddRef(ref added);
            int result = Statx((int)handle.DangerousGetHandle(), string.Empty, EmptyPath, Wanted, out Layout layout);
            return result == 0 ? From(layout) : throw PosixError.Exception("stat", path, Marshal.GetLastPInvokeError());
        }
        finally
        {
            if (added)
            {
                handle.DangerousRelease();
            }
        }
    }

    private static FileStatus From(in Layout layout) => new()
    {
        Identity = (layout.DeviceMajor, layout.DeviceMinor, layout.Inode),
        Links = layout.Links,
        UserId = layout.UserId,
        GroupId = layout.GroupId,
        RawMode = layout.Mode,
        Size = (long)layout.Size,
        Allocated = (long)layout.Blocks * 512,
        Modified = Moment(layout.Modified),
        ModifiedNanoseconds = Nanoseconds(layout.Modified),
        ChangedNanoseconds = Nanoseconds(layout.Changed),
        BornNanoseconds = (layout.Mask & Birth) != 0 ? Nanoseconds(layout.Born) : null,
    };

    // File systems hold times that .NET has none for.
    private static DateTimeOffset Moment(in Timestamp time)
        => DateTimeOffset.FromUnixTimeSeconds(Math.Clamp(time.Seconds, EarliestSecond, LatestSecond)).AddTicks(time.Nanoseconds / 100);

    // Wraps where a time is centuries away: it is compared, never computed with.
    private static long Nanoseconds(in Timestamp time) => unchecked((time.Seconds * 1_000_000_000) + time.Nanoseconds);

    [StructLayout(LayoutKind.Sequential)]
    private struct Timestamp
    {
        public long Seconds;
        public uint Nanoseconds;
        public int Reserved;
    }

    // struct statx of linux/stat.h, 256 bytes.
    [StructLayout(LayoutKind.Sequential, Size = 256)]
    private struct Layout
    {
        public uint Mask;
        public uint BlockSize;
        public ulong Attributes;
        public uint Links;
        public uint UserId;
        public uint GroupId;
        public ushort Mode;
        public ushort Padding;
        public ulong Inode;
        public ulong Size;
        public ulong Blocks;
        public ulong AttributesMask;
        public Timestamp Accessed;
        public Timestamp Born;
        public Timestamp Changed;
        public Timestamp Modified;
        public uint RawDeviceMajor;
        public uint RawDeviceMinor;
        public uint DeviceMajor;
        public uint DeviceMinor;
    }

    [LibraryImport("libc", EntryPoint = "statx", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Statx(int directory, string path, int flags, uint mask, out Layout layout);
}
