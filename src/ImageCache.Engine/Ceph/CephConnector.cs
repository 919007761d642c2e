namespace ImageCache.Engine.Ceph;

/// <summary>
/// Connects to the node's cluster, ahead of the need where there is something to wait for meanwhile: logging in to Keystone takes
/// longer than to Ceph. Closes beside other work, too; the end waits for what is still closing.
/// </summary>
internal sealed class CephConnector(CephNode node) : IAsyncDisposable
{
    private readonly Lock _gate = new();
    private readonly List<Task> _closing = [];
    private Task<CephConnection>? _begun;

    public CephNode Node => node;

    /// <summary>Begins to connect, if this node can; never fails.</summary>
    public void Begin()
    {
        if (_begun is null && node.HasLibrary())
        {
            Task<CephConnection> begun = Task.Run(ConnectAheadAsync);
            if (Interlocked.CompareExchange(ref _begun, begun, null) is not null)
            {
                CloseSoon(() => DiscardAsync(begun));
            }
        }
    }

    /// <summary>A connection for the caller alone.</summary>
    /// <exception cref="UnavailableException">Within the time, the cluster did not answer or did not let us in.</exception>
    public async Task<CephConnection> ConnectAsync(CancellationToken cancellationToken)
    {
        if (Interlocked.Exchange(ref _begun, null) is not { } begun)
        {
            return await CephConnection.OpenAsync(node, cancellationToken).ConfigureAwait(false);
        }

        try
        {
            return await begun.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            CloseSoon(() => DiscardAsync(begun));
            throw;
        }
    }

    /// <summary>Closes something beside other work.</summary>
    /// <param name="close">Never fails, and waits only so long for a silent cluster.</param>
    public void CloseSoon(Func<Task> close)
    {
        lock (_gate)
        {
            _closing.RemoveAll(static task => task.IsCompleted);
            _closing.Add(Task.Run(close));
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _begun, null) is { } begun)
        {
            CloseSoon(() => Task.WhenAny(DiscardAsync(begun), Task.Delay(CephConnection.LongestClosing, CancellationToken.None)));
        }

        Task[] closing;
        lock (_gate)
        {
            closing = [.. _closing];
        }

        await Task.WhenAll(closing).ConfigureAwait(false);
    }

    // Looking first whether all is there would take as long as connecting does; what is missing is looked for when it fails.
    private async Task<CephConnection> ConnectAheadAsync()
    {
        try
        {
            return await CephConnection.OpenAsync(node, CancellationToken.None).ConfigureAwait(false);
        }
        catch (ImageCacheException e) when (node.Missing() is { Count: > 0 } missing)
        {
            throw new UnavailableException(
                ErrorIds.MethodUnavailable, $"RbdExport is not possible on this node: {string.Join("; ", missing)}.", cause: e);
        }
    }

    private static async Task DiscardAsync(Task<CephConnection> begun)
    {
        try
        {
            CephConnection connection = await begun.ConfigureAwait(false);
            await connection.DisposeAsync().ConfigureAwait(false);
        }
        catch (ImageCacheException)
        {
            // Nobody wanted it.
        }
    }
}
