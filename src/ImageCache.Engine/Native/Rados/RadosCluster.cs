using System.Runtime.InteropServices;
using System.Text;
using ImageCache.Engine.Native.Posix;

namespace ImageCache.Engine.Native.Rados;

/// <summary>
/// A client of a Ceph cluster (<c>rados_t</c>, rados/librados.h). Connecting and closing wait for the cluster: never on a thread
/// that must stay free.
/// </summary>
internal sealed partial class RadosCluster : SafeHandle
{
    private const int LongestValue = 64 * 1024;
    private const int LongestFsid = 64;

    public RadosCluster()
        : base(0, ownsHandle: true)
    {
    }

    public override bool IsInvalid => handle == 0;

    /// <summary>Makes a client that is not connected yet.</summary>
    /// <param name="user">The whole name, such as <c>client.nova</c>.</param>
    /// <exception cref="DllNotFoundException">librados is not installed.</exception>
    /// <exception cref="IOException">The HResult is the errno; so in all that follow.</exception>
    public static RadosCluster Create(string user)
    {
        int result = Create(out RadosCluster cluster, "ceph", user, 0);
        if (result < 0)
        {
            cluster.Dispose();
            throw PosixError.Exception("rados_create2", user, -result);
        }

        return cluster;
    }

    /// <summary>Reads a ceph.conf; what was set before wins over it.</summary>
    public void ReadConfiguration(string path) => Check(ReadConfiguration(this, path), "rados_conf_read_file", path);

    public void Set(string option, string value) => Check(Set(this, option, value), "rados_conf_set", option);

    /// <summary>The value in force of an option, its variables replaced.</summary>
    public string Get(string option)
    {
        byte[] text = new byte[LongestValue];
        Check(Get(this, option, text, (nuint)text.Length), "rados_conf_get", option);
        return Encoding.UTF8.GetString(text.AsSpan(0, Math.Max(0, text.AsSpan().IndexOf((byte)0))));
    }

    /// <summary>Logs in, and waits for the cluster's maps.</summary>
    public void Connect(string user) => Check(Connect(this), "rados_connect", user);

    /// <summary>The cluster's id.</summary>
    public string Fsid()
    {
        byte[] text = new byte[LongestFsid];
        int length = GetFsid(this, text, (nuint)text.Length);
        Check(length, "rados_cluster_fsid", string.Empty);
        return Encoding.ASCII.GetString(text.AsSpan(0, length));
    }

    protected override bool ReleaseHandle()
    {
        Shutdown(handle);
        return true;
    }

    private static void Check(int result, string function, string about)
    {
        if (result < 0)
        {
            throw PosixError.Exception(function, about, -result);
        }
    }

    [LibraryImport("librados.so.2", EntryPoint = "rados_create2", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Create(out RadosCluster cluster, string clusterName, string user, ulong flags);

    [LibraryImport("librados.so.2", EntryPoint = "rados_conf_read_file", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int ReadConfiguration(RadosCluster cluster, string path);

    [LibraryImport("librados.so.2", EntryPoint = "rados_conf_set", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Set(RadosCluster cluster, string option, string value);

    [LibraryImport("librados.so.2", EntryPoint = "rados_conf_get", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Get(RadosCluster cluster, string option, [Out] byte[] value, nuint length);

    [LibraryImport("librados.so.2", EntryPoint = "rados_connect")]
    private static partial int Connect(RadosCluster cluster);

    [LibraryImport("librados.so.2", EntryPoint = "rados_cluster_fsid")]
    private static partial int GetFsid(RadosCluster cluster, [Out] byte[] fsid, nuint length);

    [LibraryImport("librados.so.2", EntryPoint = "rados_shutdown")]
    private static partial void Shutdown(nint cluster);
}
