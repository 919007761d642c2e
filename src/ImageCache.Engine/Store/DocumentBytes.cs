using ImageCache.Engine.Native.Posix;
using Microsoft.Win32.SafeHandles;

namespace ImageCache.Engine.Store;

/// <summary>Reads a small file of ours in a place where others may write, too: a link, a pipe, a directory or something too large is refused.</summary>
internal static class DocumentBytes
{
    /// <summary>The largest document that is read.</summary>
    public const int Largest = 1 << 20;

    /// <summary>Reads it whole.</summary>
    /// <returns><see langword="null"/> when there is none.</returns>
    /// <exception cref="IOException">What lies there is no document of ours, or cannot be read.</exception>
    public static byte[]? ReadIfExists(string path)
    {
        using SafeFileHandle? handle = OpenFile.OpenIfExists(path, OpenFile.ReadOnly | OpenFile.NoFollow);
        if (handle is null)
        {
            return null;
        }

        FileStatus status = FileStatus.OfHandle(handle, path);
        if (!status.IsRegular || status.Size > Largest)
        {
            throw new IOException($"'{path}' is no document of ours: it is no regular file, or larger than {Largest} bytes", PosixError.EINVAL);
        }

        byte[] content = new byte[status.Size];
        int filled = 0;
        while (filled < content.Length)
        {
            int read = RandomAccess.Read(handle, content.AsSpan(filled), filled);
            if (read == 0)
            {
                break;
            }

            filled += read;
        }

        return content[..filled];
    }
}
