namespace ImageCache.Engine;

/// <summary>The counters of one item in work. Any thread may write; a front end samples.</summary>
internal sealed class WorkProgress(int id, string subject, Action ended) : IDisposable
{
    private long _done;
    private long _total = -1;
    private volatile WorkState _state = new(WorkStage.Resolving, subject);

    private sealed record WorkState(WorkStage Stage, string Subject);

    /// <summary>Enters a stage and starts its count at zero.</summary>
    public void Enter(WorkStage stage, long? total = null)
    {
        Interlocked.Exchange(ref _done, 0);
        Interlocked.Exchange(ref _total, total ?? -1);
        _state = _state with { Stage = stage };
    }

    /// <summary>Names the item better, once its name is known.</summary>
    public void Rename(string subject) => _state = _state with { Subject = subject };

    public void Add(long count) => Interlocked.Add(ref _done, count);

    public void Set(long done) => Interlocked.Exchange(ref _done, done);

    public ProgressSnapshot Snapshot()
    {
        WorkState state = _state;
        long total = Interlocked.Read(ref _total);
        return new ProgressSnapshot(id, state.Subject, state.Stage, Interlocked.Read(ref _done), total < 0 ? null : total);
    }

    public void Dispose() => ended();
}
