using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace ImageCache.Engine.Native.Posix;

/// <summary>fsync(2) for files and directories, and sync_file_range(2) to start writing early.</summary>
internal static partial class Sync
{
    private const uint StartWrite = 2; // SYNC_FILE_RANGE_WRITE

    /// <summary>Puts a file's data and size on the disk.</summary>
    public static void File(SafeFileHandle handle, string path)
    {
        if (Fsync(handle) != 0)
        {
            throw PosixError.Exception("fsync", path, Marshal.GetLastPInvokeError());
        }
    }

    /// <summary>Puts a directory's names on the disk.</summary>
    public static void Directory(string path)
    {
        using SafeFileHandle handle = OpenFile.Open(path, OpenFile.ReadOnly | OpenFile.Directory);
        File(handle, path);
    }

    /// <summary>Asks the kernel to start writing a range; a refusal does not matter, for the later fsync tells.</summary>
    public static void StartWriting(SafeFileHandle handle, long offset, long length)
        => _ = SyncFileRange(handle, offset, length, StartWrite);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int Fsync(SafeFileHandle handle);

    [LibraryImport("libc", EntryPoint = "sync_file_range", SetLastError = true)]
    private static partial int SyncFileRange(SafeFileHandle handle, long offset, long length, uint flags);
}
