using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace ImageCache.Engine.Native.Posix;

/// <summary>
/// open(2) without what .NET adds: FileStream takes an advisory flock on every file, which on NFS collides with record locks,
/// and follows symbolic links.
/// </summary>
internal static partial class OpenFile
{
    public const int ReadOnly = 0x0;
    public const int WriteOnly = 0x1;
    public const int ReadWrite = 0x2;
    public const int Create = 0x40;
    public const int Exclusive = 0x80;
    public const int Append = 0x400;

    // Not inherited by child processes, and a pipe in a file's place does not make us wait for its other end.
    private const int Always = 0x80000 | 0x800; // O_CLOEXEC | O_NONBLOCK

    // The flags that differ between x86 and ARM (asm/fcntl.h).
    private static readonly bool s_isArm =
        RuntimeInformation.ProcessArchitecture is Architecture.Arm64 or Architecture.Arm;

    public static int Directory => s_isArm ? 0x4000 : 0x10000;

    public static int Direct => s_isArm ? 0x10000 : 0x4000;

    public static int NoFollow => s_isArm ? 0x8000 : 0x20000;

    /// <summary>Opens a file.</summary>
    /// <exception cref="IOException">The HResult is the errno.</exception>
    public static SafeFileHandle Open(string path, int flags, UnixFileMode mode = UnixFileMode.None)
    {
        SafeFileHandle handle = OpenNative(path, flags | Always, (int)mode);
        if (handle.IsInvalid)
        {
            int error = Marshal.GetLastPInvokeError();
            handle.Dispose();
            throw PosixError.Exception("open", path, error);
        }

        return handle;
    }

    /// <summary>Opens a file that may well not be there.</summary>
    /// <returns><see langword="null"/> when there is none.</returns>
    /// <exception cref="IOException">It is there, and cannot be opened.</exception>
    public static SafeFileHandle? OpenIfExists(string path, int flags)
    {
        SafeFileHandle handle = OpenNative(path, flags | Always, 0);
        if (!handle.IsInvalid)
        {
            return handle;
        }

        int error = Marshal.GetLastPInvokeError();
        handle.Dispose();
        return error == PosixError.ENOENT ? null : throw PosixError.Exception("open", path, error);
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial SafeFileHandle OpenNative(string path, int flags, int mode);
}
