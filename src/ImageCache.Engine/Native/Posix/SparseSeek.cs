using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace ImageCache.Engine.Native.Posix;

/// <summary>Finds data and holes of a file by lseek(2) with SEEK_DATA and SEEK_HOLE.</summary>
internal static partial class SparseSeek
{
    private const int SeekData = 3;
    private const int SeekHole = 4;
    private const int NoSuchData = 6; // ENXIO

    /// <summary>The run that begins at an offset: data or hole, and where it ends.</summary>
    /// <returns>Where the file system cannot tell, everything is data.</returns>
    public static (bool IsHole, long End) RunAt(SafeFileHandle handle, long offset, long length)
    {
        long data = Seek(handle, offset, SeekData);
        if (data < 0)
        {
            return Marshal.GetLastPInvokeError() == NoSuchData ? (true, length) : (false, length);
        }

        if (data > offset)
        {
            return (true, Math.Min(data, length));
        }

        long hole = Seek(handle, offset, SeekHole);
        return (false, hole < 0 ? length : Math.Min(hole, length));
    }

    [LibraryImport("libc", EntryPoint = "lseek", SetLastError = true)]
    private static partial long Seek(SafeFileHandle handle, long offset, int whence);
}
