using ImageCache.Engine.Configuration;
using ImageCache.Engine.Diagnostics;
using ImageCache.Engine.Native.Rados;
using ImageCache.Engine.Native.Rbd;

namespace ImageCache.Engine.Ceph;

/// <summary>
/// What this node has for reading from Ceph, and what is missing: the libraries, the ceph.conf, the keyring that it names. Only
/// local files are looked at.
/// </summary>
internal sealed class CephNode(ImageCacheConfiguration configuration, IReadOnlyDictionary<string, string> environment)
{
    private const string Prefix = "client.";
    private static readonly char[] s_listSeparators = [',', ';', ' ', '\t'];

    /// <summary>The user's whole name, as messages and keyrings have it.</summary>
    public string User => configuration.RbdUser is not { } user ? Prefix + "admin"
        : user.StartsWith(Prefix, StringComparison.Ordinal) ? user : Prefix + user;

    public TimeSpan ConnectTimeout => configuration.RbdConnectTimeout;

    public TimeSpan IdleTimeout => configuration.IdleTimeout;

    /// <summary>Whether librbd is here; where it is not, the <c>rbd</c> command does its work.</summary>
    public Func<bool> HasLibrary { get; init; } = RbdLibrary.IsPresent;

    /// <summary>Whether a pool is in the allow-list.</summary>
    public bool Allows(string pool) => configuration.RbdPools.Contains("*") || configuration.RbdPools.Contains(pool);

    /// <summary>The ceph.conf that is used: ours, that of CEPH_CONF (a list, of which the first that exists counts), or Ceph's usual places.</summary>
    public string ConfigurationPath()
    {
        if (configuration.RbdCephConf is { } own)
        {
            return own;
        }

        string[] places = environment.GetValueOrDefault("CEPH_CONF") is { Length: > 0 } named
            ? named.Split(s_listSeparators, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            : environment.GetValueOrDefault("HOME") is { Length: > 0 } home
                ? ["/etc/ceph/ceph.conf", Path.Join(home, ".ceph", "ceph.conf")]
                : ["/etc/ceph/ceph.conf"];
        return places.FirstOrDefault(File.Exists) ?? places.FirstOrDefault() ?? "/etc/ceph/ceph.conf";
    }

    /// <summary>Whether images may be read from Ceph.</summary>
    public bool IsAllowed => configuration.RbdExport;

    /// <summary>The pools that images may be read from.</summary>
    public IReadOnlyList<string> Pools => configuration.RbdPools;

    /// <summary>What reading from Ceph needs here.</summary>
    public IReadOnlyList<NodeNeed> Needs => CephNeeds.Of(this);

    /// <summary>Says what reading from Ceph lacks here; nothing when it is possible.</summary>
    public IReadOnlyList<string> Missing() => Shortfall.OfNode(Needs).Reasons;

    /// <summary>Whether reading from Ceph is possible here, and if not, what is missing; for people.</summary>
    public string Readiness()
        => Missing() is { Count: > 0 } missing
            ? $"not possible: {string.Join("; ", missing)}"
            : $"possible, as {User} with '{ConfigurationPath()}'";

    /// <summary>Why the ceph.conf cannot be read; <see langword="null"/> when it can.</summary>
    public string? WhyNoConfiguration() => WhyUnreadable(ConfigurationPath());

    /// <summary>A client of the cluster, not yet connected, that waits for nothing for ever.</summary>
    /// <exception cref="IOException">The ceph.conf cannot be used.</exception>
    public RadosCluster NewClient()
    {
        RadosCluster cluster = RadosCluster.Create(User);
        try
        {
            Prepare(cluster);
            cluster.ReadConfiguration(ConfigurationPath());
            return cluster;
        }
        catch
        {
            cluster.Dispose();
            throw;
        }
    }

    // Set before the file is read, these win over it.
    private void Prepare(RadosCluster cluster)
    {
        cluster.Set("client_mount_timeout", Seconds(ConnectTimeout));
        cluster.Set("rados_mon_op_timeout", Seconds(ConnectTimeout));
        cluster.Set("rados_osd_op_timeout", Seconds(IdleTimeout));

        // A reader of whole images gains nothing by a cache, and its memory is wanted elsewhere.
        cluster.Set("rbd_cache", "false");
        cluster.Set("ms_async_op_threads", "1");

        // What fails comes as an error; nothing may write to our terminal, or leave sockets and logs behind.
        cluster.Set("log_to_stderr", "false");
        cluster.Set("err_to_stderr", "false");
        cluster.Set("log_file", string.Empty);
        cluster.Set("admin_socket", string.Empty);
    }

    /// <summary>A time as Ceph's options have it: whole seconds, at least one.</summary>
    public static string Seconds(TimeSpan time)
        => Math.Max(1, (long)Math.Ceiling(time.TotalSeconds)).ToString(System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>Why there is no key for the user; <see langword="null"/> when there is one, or none is asked for. Needs librados.</summary>
    public string? WhyNoKey()
    {
        try
        {
            using RadosCluster cluster = NewClient();
            if (!cluster.Get("auth_client_required").Contains("cephx", StringComparison.Ordinal)
                || cluster.Get("key").Length > 0
                || (cluster.Get("keyfile") is { Length: > 0 } file && WhyUnreadable(file) is null))
            {
                return null;
            }

            string keyring = cluster.Get("keyring");
            string[] places = keyring.Split(s_listSeparators, StringSplitOptions.RemoveEmptyEntries);
            return places.Any(static place => WhyUnreadable(place) is null)
                ? null
                : $"no keyring of {User} can be read: {string.Join("; ", places.Select(static place => WhyUnreadable(place)))}";
        }
        catch (IOException e)
        {
            return $"the ceph.conf cannot be used: {e.Message}";
        }
    }

    private static string? WhyUnreadable(string path)
    {
        try
        {
            using FileStream file = new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            return null;
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return $"there is no '{path}'";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            return $"'{path}' is not readable for this user";
        }
    }
}
