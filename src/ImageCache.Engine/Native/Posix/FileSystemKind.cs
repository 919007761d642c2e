using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace ImageCache.Engine.Native.Posix;

/// <summary>What kind of file system a file is on. Source: statfs(2), linux/magic.h.</summary>
internal static partial class FileSystemKind
{
    public const long Ext4 = 0xEF53;
    public const long Xfs = 0x58465342;

    // struct statfs of 64-bit systems: the type comes first, the rest is of no use here.
    private const int StructureSize = 120;

    /// <summary>The kind.</summary>
    /// <returns>0 when the kernel does not say.</returns>
    public static unsafe long Of(SafeFileHandle file)
    {
        long* status = stackalloc long[StructureSize / sizeof(long)];
        return StatFileSystem(file, status) == 0 ? status[0] : 0;
    }

    [LibraryImport("libc", EntryPoint = "fstatfs", SetLastError = true)]
    private static unsafe partial int StatFileSystem(SafeFileHandle file, long* status);
}
