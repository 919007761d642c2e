using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace ImageCache.Engine.Native.Posix;

/// <summary>ioctl(2) with FICLONE (linux/fs.h): gives a file the blocks of another, which both share until one of them is written to.</summary>
internal static partial class FileClone
{
    private const nuint CloneWhole = 0x40049409; // FICLONE on x86, ARM, RISC-V, LoongArch and s390

    /// <summary>Clones a whole file into an empty one.</summary>
    /// <returns>Whether the file systems can.</returns>
    /// <exception cref="IOException">They can, and something was in the way.</exception>
    public static bool TryClone(SafeFileHandle source, SafeFileHandle target, string path)
    {
        if (Control(target, CloneWhole, source) == 0)
        {
            return true;
        }

        // Another file system, one that cannot, or one that does not even know the question: ENOTTY. A file under dm or overlays: EBADF, EPERM.
        int error = Marshal.GetLastPInvokeError();
        return error is PosixError.ENOSPC or PosixError.EDQUOT or PosixError.EIO or PosixError.EROFS
            ? throw PosixError.Exception("ioctl(FICLONE)", path, error)
            : false;
    }

    [LibraryImport("libc", EntryPoint = "ioctl", SetLastError = true)]
    private static partial int Control(SafeFileHandle target, nuint request, SafeFileHandle source);
}
