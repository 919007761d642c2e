using ImageCache.Engine.Handlers;
using ImageCache.Engine.Native.Rados;
using ImageCache.Engine.Native.Rbd;

namespace ImageCache.Engine.Ceph;

/// <summary>A connected client of the cluster that this node's ceph.conf names.</summary>
internal sealed class CephConnection : IAsyncDisposable
{
    // librados ends a call by itself when its own time is over; this much later nobody believes in that any more.
    private static readonly TimeSpan s_grace = TimeSpan.FromSeconds(2);

    private readonly RadosCluster _cluster;

    private CephConnection(CephNode node, RadosCluster cluster, string fsid)
    {
        Node = node;
        _cluster = cluster;
        Fsid = fsid;
    }

    /// <summary>The longest wait for a cluster to take notice of a farewell.</summary>
    public static TimeSpan LongestClosing { get; } = TimeSpan.FromSeconds(0.5);

    public CephNode Node { get; }

    /// <summary>The cluster's id.</summary>
    public string Fsid { get; }

    /// <summary>Connects.</summary>
    /// <exception cref="UnavailableException">Within the time, the cluster did not answer or did not let us in.</exception>
    public static async Task<CephConnection> OpenAsync(CephNode node, CancellationToken cancellationToken)
    {
        try
        {
            return await AbandonableCall.RunAsync(
                () => Connect(node), Limit(node.ConnectTimeout), static late => late._cluster.Dispose(), cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or TimeoutException)
        {
            throw CephFailure.OfConnecting(node, e);
        }
    }

    /// <summary>Opens an image at a snapshot.</summary>
    /// <exception cref="NotFoundException">There is no such pool, image or snapshot.</exception>
    /// <exception cref="UnavailableException">It cannot be opened now, or not by this user.</exception>
    public async Task<CephSnapshot> OpenAsync(RbdLocation location, CancellationToken cancellationToken)
    {
        string what = $"pool '{location.Pool}'";
        try
        {
            return await AbandonableCall.RunAsync(
                () =>
                {
                    using RadosPool pool = RadosPool.Open(_cluster, location.Pool);
                    what = $"RBD image '{location.Pool}/{location.Image}'";
                    RbdImage image = RbdImage.OpenReadOnly(pool, location.Image);
                    what = $"snapshot '{location}'";
                    return CephSnapshot.Use(image, location);
                },
                Limit(Node.IdleTimeout),
                static late => late.Dispose(),
                cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or TimeoutException)
        {
            throw CephFailure.OfOpening(Node, what, e);
        }
    }

    /// <summary>The longest wait for a call that ends by itself after a time.</summary>
    public static TimeSpan Limit(TimeSpan time) => TimeSpan.FromSeconds(Math.Ceiling(time.TotalSeconds)) + s_grace;

    /// <summary>Runs what closes something, without waiting long for a cluster that does not answer.</summary>
    public static async Task CloseAsync(Action close)
    {
        Task closing = Task.Factory.StartNew(close, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        await Task.WhenAny(closing, Task.Delay(LongestClosing, CancellationToken.None)).ConfigureAwait(false);
    }

    public ValueTask DisposeAsync() => new(CloseAsync(_cluster.Dispose));

    private static CephConnection Connect(CephNode node)
    {
        RadosCluster cluster = node.NewClient();
        try
        {
            cluster.Connect(node.User);
            return new CephConnection(node, cluster, cluster.Fsid());
        }
        catch
        {
            cluster.Dispose();
            throw;
        }
    }
}
