namespace ImageCache.Engine;

/// <summary>The counters of one item in work. Any thread may write; a front end samples.</summary>
internal sealed class WorkProgress(int id, string subject, Action ended) : IDisposable
{
    private volatile string _subject = subject;
    private volatile Count _count = new(WorkStage.Resolving, null);

    /// <summary>Enters a stage and starts its count at zero.</summary>
    public void Enter(WorkStage stage, long? total = null) => _count = new Count(stage, total);

    /// <summary>Names the item better, once its name is known.</summary>
    public void Rename(string subject) => _subject = subject;

    public void Add(long count) => Interlocked.Add(ref _count.Done, count);

    public void Set(long done) => Interlocked.Exchange(ref _count.Done, done);

    public ProgressSnapshot Snapshot()
    {
        Count count = _count;
        return new ProgressSnapshot(id, _subject, count.Stage, Interlocked.Read(ref count.Done), count.Total);
    }

    public void Dispose() => ended();

    // A stage has counters of its own, so that no sample shows one stage with the numbers of another.
    private sealed class Count(WorkStage stage, long? total)
    {
        public long Done;

        public WorkStage Stage { get; } = stage;

        public long? Total { get; } = total;
    }
}
