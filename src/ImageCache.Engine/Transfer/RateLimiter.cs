namespace ImageCache.Engine.Transfer;

/// <summary>Holds all transfers that share it to so many bytes a second, with bursts of a quarter of a second at most.</summary>
internal sealed class RateLimiter(long bytesPerSecond, TimeProvider time)
{
    private readonly Lock _gate = new();
    private readonly long _burst = Math.Max(bytesPerSecond / 4, 1);
    private double _available = Math.Max(bytesPerSecond / 4, 1);
    private long _last = time.GetTimestamp();

    /// <summary>The most bytes to ask for at once, so that slow limits stay smooth.</summary>
    public int LargestRequest => (int)Math.Clamp(_burst, 4096, 1 << 20);

    /// <summary>Takes bytes from the budget, and waits until they are paid for.</summary>
    public Task TakeAsync(int count, CancellationToken cancellationToken)
    {
        TimeSpan wait = Take(count);
        return wait > TimeSpan.Zero ? Task.Delay(wait, time, cancellationToken) : Task.CompletedTask;
    }

    private TimeSpan Take(int count)
    {
        lock (_gate)
        {
            long now = time.GetTimestamp();
            _available = Math.Min(_burst, _available + (time.GetElapsedTime(_last, now).TotalSeconds * bytesPerSecond));
            _last = now;
            _available -= count;
            return _available < 0 ? TimeSpan.FromSeconds(-_available / bytesPerSecond) : TimeSpan.Zero;
        }
    }
}
