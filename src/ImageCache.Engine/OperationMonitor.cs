using System.Collections.Concurrent;

namespace ImageCache.Engine;

/// <summary>
/// What a front end sees of running work: it samples progress whenever it likes, and warnings are pushed to it.
/// The engine only counts; it never waits for a monitor. Warnings may come from any thread.
/// </summary>
public sealed class OperationMonitor(Action<string>? onWarning = null)
{
    private readonly ConcurrentDictionary<int, WorkProgress> _active = new();
    private int _lastId;

    /// <summary>The items in work just now, oldest first.</summary>
    public IReadOnlyList<ProgressSnapshot> Sample()
        => [.. _active.Values.Select(static item => item.Snapshot()).OrderBy(static item => item.ActivityId)];

    internal WorkProgress Begin(string subject)
    {
        int id = Interlocked.Increment(ref _lastId);
        return _active[id] = new WorkProgress(id, subject, () => _active.TryRemove(id, out _));
    }

    internal void Warn(string message) => onWarning?.Invoke(message);
}
