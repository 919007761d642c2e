using System.Runtime.InteropServices;

namespace ImageCache.Engine.Native.Posix;

/// <summary>umount2(2).</summary>
internal static partial class Unmount
{
    private const int Detach = 2;
    private const int NoFollow = 8;

    /// <summary>Takes a mount away from its place, also one whose server died; those who have it open keep what they have.</summary>
    /// <returns>Whether there was one.</returns>
    /// <exception cref="IOException">The HResult is the errno.</exception>
    public static bool Lazily(string path)
    {
        if (UnmountNative(path, Detach | NoFollow) == 0)
        {
            return true;
        }

        int error = Marshal.GetLastPInvokeError();
        return error is PosixError.EINVAL or PosixError.ENOENT ? false : throw PosixError.Exception("umount", path, error);
    }

    [LibraryImport("libc", EntryPoint = "umount2", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int UnmountNative(string path, int flags);
}
