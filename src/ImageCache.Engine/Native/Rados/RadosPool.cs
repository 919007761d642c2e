using System.Runtime.InteropServices;
using ImageCache.Engine.Native.Posix;

namespace ImageCache.Engine.Native.Rados;

/// <summary>A pool of a connected cluster (<c>rados_ioctx_t</c>); keeps the cluster alive.</summary>
internal sealed partial class RadosPool : SafeHandle
{
    private RadosCluster? _cluster;

    public RadosPool()
        : base(0, ownsHandle: true)
    {
    }

    public override bool IsInvalid => handle == 0;

    /// <summary>Opens a pool by name.</summary>
    /// <exception cref="IOException">The HResult is the errno.</exception>
    public static RadosPool Open(RadosCluster cluster, string name)
    {
        bool held = false;
        RadosPool? pool = null;
        try
        {
            cluster.DangerousAddRef(ref held);
            int result = Create(cluster, name, out pool);
            if (result < 0)
            {
                throw PosixError.Exception("rados_ioctx_create", name, -result);
            }

            pool._cluster = cluster;
            held = false;
            return pool;
        }
        catch
        {
            pool?.Dispose();
            throw;
        }
        finally
        {
            if (held)
            {
                cluster.DangerousRelease();
            }
        }
    }

    protected override bool ReleaseHandle()
    {
        Destroy(handle);
        _cluster?.DangerousRelease();
        return true;
    }

    [LibraryImport("librados.so.2", EntryPoint = "rados_ioctx_create", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Create(RadosCluster cluster, string name, out RadosPool pool);

    [LibraryImport("librados.so.2", EntryPoint = "rados_ioctx_destroy")]
    private static partial void Destroy(nint pool);
}
