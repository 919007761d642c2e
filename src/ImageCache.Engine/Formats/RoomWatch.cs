namespace ImageCache.Engine.Formats;

/// <summary>Watches a file system while another program writes to it, and says stop when less is free than must stay free.</summary>
internal sealed class RoomWatch : IAsyncDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);

    private readonly CancellationTokenSource _stop;
    private readonly CancellationTokenSource _end = new();
    private readonly DriveInfo _drive;
    private readonly long _minimumFree;
    private readonly Task _watching;

    /// <summary>Begins.</summary>
    /// <param name="directory">Where is written.</param>
    /// <param name="minimumFree">Bytes that must stay free.</param>
    /// <param name="cancellationToken">Cancels <see cref="Token"/>, too.</param>
    public RoomWatch(string directory, long minimumFree, CancellationToken cancellationToken)
    {
        _drive = new DriveInfo(directory);
        _minimumFree = minimumFree;
        _stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        _watching = WatchAsync();
    }

    /// <summary>Stops the writer.</summary>
    public CancellationToken Token => _stop.Token;

    /// <summary>Whether the room was the reason.</summary>
    public bool IsFull { get; private set; }

    /// <summary>Ends the watch.</summary>
    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync().ConfigureAwait(false);
        await _watching.ConfigureAwait(false);
        _end.Dispose();
        _stop.Dispose();
    }

    private async Task WatchAsync()
    {
        using PeriodicTimer timer = new(Interval);
        try
        {
            do
            {
                if (_drive.AvailableFreeSpace < _minimumFree)
                {
                    IsFull = true;
                    await _stop.CancelAsync().ConfigureAwait(false);
                    return;
                }
            }
            while (await timer.WaitForNextTickAsync(_end.Token).ConfigureAwait(false));
        }
        catch (Exception end) when (end is OperationCanceledException or IOException)
        {
            // The writer has ended first, or will fail by itself: the directory is gone.
        }
    }
}
