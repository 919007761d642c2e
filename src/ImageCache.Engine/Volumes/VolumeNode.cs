using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Sockets;
using ImageCache.Engine.Configuration;

namespace ImageCache.Engine.Volumes;

/// <summary>This node, as it attaches volumes.</summary>
internal sealed record VolumeNode
{
    /// <summary>
    /// The node's name to Cinder. It must be the same each time: drivers keep what they export by it. nova's is its option host.
    /// </summary>
    public string Host { get; init; } = Environment.MachineName;

    /// <summary>The address from which the node reaches the storage; nova's is its option my_ip. Looked for when it is not given.</summary>
    [AllowNull]
    public string Address
    {
        get => field ??= LocalAddress();
        init;
    }

    /// <summary>Whether several paths to one volume become one device.</summary>
    public bool UsesMultipath { get; init; }

    /// <summary>Whether to refuse rather than do with one path when multipathd does not run.</summary>
    public bool RequiresMultipath { get; init; }

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

    /// <summary>This node as it is configured.</summary>
    /// <param name="configuration">The settings.</param>
    /// <param name="statePath">The directory for what is held of volumes.</param>
    public static VolumeNode From(ImageCacheConfiguration configuration, string statePath) => new()
    {
        Host = configuration.VolumeHost,
        Address = configuration.VolumeAddress,
        UsesMultipath = configuration.VolumeMultipath,
        RequiresMultipath = configuration.VolumeEnforceMultipath,
        Python = configuration.VolumePython,
        RootHelper = configuration.VolumeRootHelper,
        ConfigurationFiles = configuration.NovaConfPaths,
        LockPath = Path.Join(configuration.VolumeStatePath, "locks"),
        MountBase = Path.Join(statePath, "mnt"),
    };

    // As nova finds its my_ip: the address of the default route. Nothing is sent.
    private static string LocalAddress()
    {
        try
        {
            using Socket socket = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
            socket.Connect(IPAddress.Parse("192.0.2.1"), 9);
            return ((IPEndPoint)socket.LocalEndPoint!).Address.ToString();
        }
        catch (SocketException)
        {
            return IPAddress.Loopback.ToString();
        }
    }
}
