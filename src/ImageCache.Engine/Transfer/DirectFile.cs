using System.Globalization;
using ImageCache.Engine.Native.Posix;
using Microsoft.Win32.SafeHandles;

namespace ImageCache.Engine.Transfer;

/// <summary>
/// A file written past the page cache (open(2), O_DIRECT): the kernel copies nothing, the last sync finds nothing left to do, and an
/// image does not push out of memory what instances use. Nothing is lost by it, for instances read their base images past the page
/// cache, too, where the disk can do it (<c>cache=none</c>; source: nova, virt/libvirt/driver.py, disk_cachemode).
/// </summary>
internal sealed class DirectFile : IDisposable
{
    private readonly SafeFileHandle _handle;
    private bool _refused;

    private DirectFile(SafeFileHandle handle) => _handle = handle;

    /// <summary>Opens a file that is open already once more.</summary>
    /// <returns><see langword="null"/> where this is not possible, or not known to be good: over a network it is slower.</returns>
    public static DirectFile? TryOpen(SafeFileHandle file)
    {
        if (FileSystemKind.Of(file) is not (FileSystemKind.Ext4 or FileSystemKind.Xfs))
        {
            return null;
        }

        try
        {
            string path = string.Create(CultureInfo.InvariantCulture, $"/proc/self/fd/{file.DangerousGetHandle()}");
            return new DirectFile(OpenFile.Open(path, OpenFile.WriteOnly | OpenFile.Direct));
        }
        catch (IOException)
        {
            return null;
        }
    }

    /// <summary>Writes, if the bytes and their place are such that the disk can take them as they are.</summary>
    /// <returns>Whether they are written.</returns>
    /// <exception cref="IOException">The disk failed, or is full.</exception>
    public unsafe bool TryWrite(ReadOnlySpan<byte> data, long offset)
    {
        fixed (byte* address = data)
        {
            if (_refused || ((nint)address | data.Length | offset) % AlignedBuffer.Alignment != 0)
            {
                return false;
            }
        }

        try
        {
            RandomAccess.Write(_handle, data, offset);
            return true;
        }
        catch (IOException e) when (e.HResult == PosixError.EINVAL)
        {
            _refused = true;
            return false;
        }
    }

    public void Dispose() => _handle.Dispose();
}
