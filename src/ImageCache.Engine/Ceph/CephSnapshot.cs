using ImageCache.Engine.Handlers;
using ImageCache.Engine.Native.Rbd;

namespace ImageCache.Engine.Ceph;

/// <summary>An RBD image, open at a snapshot. Its members and its end wait for the cluster.</summary>
internal sealed class CephSnapshot : IDisposable
{
    private CephSnapshot(RbdImage image, RbdLocation location)
    {
        Image = image;
        Location = location;
        image.UseSnapshot(location.Snapshot);
        Id = image.SnapshotId(location.Snapshot);
        Size = image.Size();
        ObjectSize = image.ObjectSize();
    }

    public RbdImage Image { get; }

    public RbdLocation Location { get; }

    /// <summary>The snapshot's number.</summary>
    public ulong Id { get; }

    /// <summary>Bytes at the snapshot.</summary>
    public long Size { get; }

    /// <summary>Bytes of each object.</summary>
    public long ObjectSize { get; }

    /// <summary>Takes an image over.</summary>
    /// <exception cref="IOException">It has no such snapshot, or the cluster fails; the image is closed.</exception>
    public static CephSnapshot Use(RbdImage image, RbdLocation location)
    {
        try
        {
            return new CephSnapshot(image, location);
        }
        catch
        {
            image.Dispose();
            throw;
        }
    }

    public void Dispose() => Image.Dispose();
}
