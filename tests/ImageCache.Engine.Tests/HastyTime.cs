using System.Collections.Concurrent;

namespace ImageCache.Engine.Tests;

/// <summary>The system's clock, with timers that fire almost at once, so that waits before repeats cost nothing. It remembers them.</summary>
internal sealed class HastyTime : TimeProvider
{
    private readonly ConcurrentQueue<TimeSpan> _waits = new();

    /// <summary>Every wait that was asked for, in order.</summary>
    public IReadOnlyList<TimeSpan> Waits => [.. _waits];

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        if (dueTime == Timeout.InfiniteTimeSpan)
        {
            return base.CreateTimer(callback, state, dueTime, period);
        }

        _waits.Enqueue(dueTime);
        return base.CreateTimer(callback, state, TimeSpan.FromMilliseconds(1), period);
    }
}
