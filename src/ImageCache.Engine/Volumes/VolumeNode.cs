using System.Net;
using System.Net.Sockets;
using ImageCache.Engine.Configuration;
using ImageCache.Engine.Store;

namespace ImageCache.Engine.Volumes;

/// <summary>This node, as it attaches volumes.</summary>
internal sealed record VolumeNode
{
    /// <summary>
    /// The node's name to Cinder. It must be the same each time: drivers keep what they export by it. nova's is its option host.
    /// </summary>
    public string Host { get; init; } = Environment.MachineName;

    /// <summary>The address from which the node reaches the storage; nova's is its option my_ip.</summary>
    public required string Address { get; init; }

    /// <summary>Whether several paths to one volume become one device.</summary>
    public bool UsesMultipath { get; init; }

    /// <summary>Whether to refuse rather than do with one path when multipathd does not run.</summary>
    public bool RequiresMultipath { get; init; }

    /// <summary>Whether rbd volumes are mapped by the kernel; else they have no device, and are exported in user space.</summary>
    public bool MapsRbd { get; init; }

    /// <summary>What a user who is not root runs os-brick's privileged part with.</summary>
    public string RootHelper { get; init; } = "sudo nova-rootwrap /etc/nova/rootwrap.conf";

    /// <summary>The Python that has os-brick: the system's, whatever stands before it on the PATH.</summary>
    public string Python { get; init; } = "/usr/bin/python3";

    /// <summary>Configuration files that os-brick reads: nova.conf, so that both use the same lock directory.</summary>
    public IReadOnlyList<string> ConfigurationFiles { get; init; } = [];

    /// <summary>Where os-brick's locks lie when the configuration files do not say.</summary>
    public string LockPath { get; init; } = "/var/lib/imagecache/locks";

    /// <summary>Where shares are mounted, one directory for each volume, so that none is unmounted below another.</summary>
    public string MountBase { get; init; } = "/var/lib/imagecache/mnt";

    /// <summary>Where Ceph's keyrings lie: <c>cluster.client.user.keyring</c>, the name that os-brick wants, too.</summary>
    public string KeyringDirectory { get; init; } = "/etc/ceph";

    /// <summary>The longest time for one request to os-brick, and for an export to begin.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromMinutes(3);

    /// <summary>This node as it is configured, with what it needs on disk in the cache's own directory.</summary>
    public static VolumeNode From(ImageCacheConfiguration configuration)
    {
        string place = Path.Join(new CacheLayout(configuration.CachePath).PrivatePath, "volumes");
        return new VolumeNode
        {
            Host = configuration.VolumeHost ?? Environment.MachineName,
            Address = configuration.VolumeAddress ?? AddressOfDefaultRoute(),
            UsesMultipath = configuration.VolumeMultipath,
            RootHelper = configuration.VolumeRootHelper,
            Python = configuration.VolumePython,
            ConfigurationFiles = configuration.NovaConfPaths,
            LockPath = Path.Join(place, "locks"),
            MountBase = Path.Join(place, "mnt"),
        };
    }

    // As nova finds my_ip (oslo.utils, netutils.get_my_ipv4): a datagram socket has the address that it would send from, and sends nothing.
    private static string AddressOfDefaultRoute()
    {
        try
        {
            using Socket socket = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
            socket.Connect(new IPAddress([192, 0, 2, 1]), 9);
            return ((IPEndPoint)socket.LocalEndPoint!).Address.ToString();
        }
        catch (SocketException)
        {
            return IPAddress.Loopback.ToString();
        }
    }
}
