using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace ImageCache.Engine.Native.Posix;

/// <summary>
/// A write lock over a whole file by fcntl(2), in its "open file description" form: it conflicts with the record locks that
/// fasteners (nova) takes, and, unlike these, excludes threads of one process too and survives the closing of another descriptor.
/// </summary>
internal static partial class RecordLock
{
    private const int SetOpenFileDescriptionLock = 37; // F_OFD_SETLK
    private const short WriteLock = 1; // F_WRLCK
    private const short Unlock = 2; // F_UNLCK

    [StructLayout(LayoutKind.Sequential)]
    private struct FileLock
    {
        public short Type;
        public short Whence;
        public long Start;
        public long Length;
        public int ProcessId;
    }

    /// <summary>Takes the lock if it is free. It is released when the handle is closed, or the process ends in any way.</summary>
    /// <returns>Whether the lock was taken.</returns>
    /// <exception cref="IOException">Locks do not work here, for instance on NFS mounted without them.</exception>
    public static bool TryTake(SafeFileHandle handle, string path)
    {
        FileLock request = new() { Type = WriteLock };
        if (Control(handle, SetOpenFileDescriptionLock, ref request) == 0)
        {
            return true;
        }

        int error = Marshal.GetLastPInvokeError();
        return error is PosixError.EAGAIN or PosixError.EACCES ? false : throw PosixError.Exception("fcntl(F_OFD_SETLK)", path, error);
    }

    /// <summary>
    /// Releases the lock now: a process that is just being started by another thread holds a copy of the handle until it executes
    /// its program, and closing ours alone would leave the lock to it for so long.
    /// </summary>
    public static void Release(SafeFileHandle handle)
    {
        FileLock request = new() { Type = Unlock };
        _ = Control(handle, SetOpenFileDescriptionLock, ref request);
    }

    [LibraryImport("libc", EntryPoint = "fcntl", SetLastError = true)]
    private static partial int Control(SafeFileHandle handle, int command, ref FileLock request);
}
