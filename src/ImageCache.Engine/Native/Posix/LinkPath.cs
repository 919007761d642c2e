using System.Runtime.InteropServices;
using System.Text;

namespace ImageCache.Engine.Native.Posix;

/// <summary>readlink(2) and realpath(3): where links lead.</summary>
internal static partial class LinkPath
{
    private const int LongestPath = 4096; // PATH_MAX
    private static readonly UTF8Encoding s_strict = new(false, throwOnInvalidBytes: true);

    /// <summary>Reads a link; what it leads to is not looked at.</summary>
    /// <returns><see langword="null"/> when it is no link, or not there.</returns>
    /// <exception cref="IOException">It cannot be read, or leads to a name that is no UTF-8.</exception>
    public static string? TryRead(string path)
    {
        Span<byte> buffer = stackalloc byte[LongestPath];
        nint length = ReadLink(path, buffer, buffer.Length);
        if (length >= 0)
        {
            return Text(path, buffer[..(int)length]);
        }

        int error = Marshal.GetLastPInvokeError();
        return error is PosixError.EINVAL or PosixError.ENOENT or PosixError.ENOTDIR ? null : throw PosixError.Exception("readlink", path, error);
    }

    /// <summary>The path without any link in it.</summary>
    /// <returns><see langword="null"/> when there is nothing.</returns>
    /// <exception cref="IOException">It cannot be looked at, or is no UTF-8.</exception>
    public static string? TryResolve(string path)
    {
        Span<byte> buffer = stackalloc byte[LongestPath];
        if (RealPath(path, buffer) != 0)
        {
            return Text(path, buffer[..buffer.IndexOf((byte)0)]);
        }

        int error = Marshal.GetLastPInvokeError();
        return error is PosixError.ENOENT or PosixError.ENOTDIR ? null : throw PosixError.Exception("realpath", path, error);
    }

    private static string Text(string path, ReadOnlySpan<byte> bytes)
    {
        try
        {
            return s_strict.GetString(bytes);
        }
        catch (DecoderFallbackException)
        {
            throw new IOException($"'{path}' leads to a name that is no UTF-8.", PosixError.EINVAL);
        }
    }

    [LibraryImport("libc", EntryPoint = "readlink", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial nint ReadLink(string path, Span<byte> buffer, nint size);

    [LibraryImport("libc", EntryPoint = "realpath", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial nint RealPath(string path, Span<byte> resolved);
}
