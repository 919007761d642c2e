using System.Runtime.InteropServices;
using ImageCache.Engine.Native.Posix;
using ImageCache.Engine.Native.Rados;

namespace ImageCache.Engine.Native.Rbd;

/// <summary>
/// An image open for reading (<c>rbd_image_t</c>, rbd/librbd.h); keeps its pool alive. Opening, closing and asking wait for the
/// cluster: never on a thread that must stay free.
/// </summary>
internal sealed partial class RbdImage : SafeHandle
{
    private RadosPool? _pool;

    public RbdImage()
        : base(0, ownsHandle: true)
    {
    }

    public override bool IsInvalid => handle == 0;

    /// <summary>Opens an image without a watch or a lock: the right to read is enough.</summary>
    /// <exception cref="IOException">The HResult is the errno; so in all that follow.</exception>
    public static RbdImage OpenReadOnly(RadosPool pool, string name)
    {
        bool held = false;
        RbdImage? image = null;
        try
        {
            pool.DangerousAddRef(ref held);
            int result = OpenReadOnly(pool, name, out image, 0);
            if (result < 0)
            {
                throw PosixError.Exception("rbd_open_read_only", name, -result);
            }

            image._pool = pool;
            held = false;
            return image;
        }
        catch
        {
            image?.Dispose();
            throw;
        }
        finally
        {
            if (held)
            {
                pool.DangerousRelease();
            }
        }
    }

    /// <summary>From here on the image is what it was at a snapshot.</summary>
    public void UseSnapshot(string name) => Check(SetSnapshot(this, name), "rbd_snap_set", name);

    /// <summary>A snapshot's number; another snapshot of the same name has another.</summary>
    public ulong SnapshotId(string name)
    {
        Check(GetSnapshotId(this, name, out ulong id), "rbd_snap_get_id", name);
        return id;
    }

    /// <summary>Bytes of the image, at its snapshot.</summary>
    public long Size()
    {
        Check(GetSize(this, out ulong size), "rbd_get_size", string.Empty);
        return checked((long)size);
    }

    /// <summary>Bytes of each of the objects that make up the image.</summary>
    public long ObjectSize()
    {
        Check(GetInformation(this, out Information information, (nuint)Marshal.SizeOf<Information>()), "rbd_stat", string.Empty);
        return checked((long)information.ObjectSize);
    }

    protected override bool ReleaseHandle()
    {
        int result = Close(handle);
        _pool?.DangerousRelease();
        return result >= 0;
    }

    private static void Check(int result, string function, string about)
    {
        if (result < 0)
        {
            throw PosixError.Exception(function, about, -result);
        }
    }

    // rbd_image_info_t; of its fields only the second is of use here.
    [StructLayout(LayoutKind.Sequential, Size = 160)]
    private struct Information
    {
        public ulong Size;
        public ulong ObjectSize;
    }

    [LibraryImport("librbd.so.1", EntryPoint = "rbd_open_read_only", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int OpenReadOnly(RadosPool pool, string name, out RbdImage image, nint snapshot);

    [LibraryImport("librbd.so.1", EntryPoint = "rbd_snap_set", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SetSnapshot(RbdImage image, string name);

    [LibraryImport("librbd.so.1", EntryPoint = "rbd_snap_get_id", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int GetSnapshotId(RbdImage image, string name, out ulong id);

    [LibraryImport("librbd.so.1", EntryPoint = "rbd_get_size")]
    private static partial int GetSize(RbdImage image, out ulong size);

    [LibraryImport("librbd.so.1", EntryPoint = "rbd_stat")]
    private static partial int GetInformation(RbdImage image, out Information information, nuint length);

    [LibraryImport("librbd.so.1", EntryPoint = "rbd_close")]
    private static partial int Close(nint image);
}
