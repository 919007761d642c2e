using System.Runtime.InteropServices;

namespace ImageCache.Engine.Native.Posix;

/// <summary>The errno values that the engine tells apart (Linux, the same on every architecture .NET runs on).</summary>
internal static class PosixError
{
    public const int EPERM = 1;
    public const int ENOENT = 2;
    public const int EIO = 5;
    public const int EAGAIN = 11;
    public const int EACCES = 13;
    public const int EEXIST = 17;
    public const int ENOTDIR = 20;
    public const int EINVAL = 22;
    public const int EFBIG = 27;
    public const int ENOSPC = 28;
    public const int EROFS = 30;
    public const int ENOSYS = 38;
    public const int ENOTEMPTY = 39;
    public const int ELOOP = 40;
    public const int ENOTSUP = 95;
    public const int ESHUTDOWN = 108;
    public const int ETIMEDOUT = 110;
    public const int EDQUOT = 122;
    public const int ENOKEY = 126;
    public const int EKEYEXPIRED = 127;
    public const int EKEYREVOKED = 128;

    /// <summary>An <see cref="IOException"/> that names the function, the path and the system's reason; its HResult is the errno.</summary>
    public static IOException Exception(string function, string path, int error)
        => new($"{function} of '{path}' failed: {Marshal.GetPInvokeErrorMessage(error)}.", error);

    /// <summary>Whether an I/O error says that there is no room.</summary>
    public static bool IsNoSpace(IOException exception) => exception.HResult is ENOSPC or EDQUOT or EFBIG;
}
