namespace ImageCache.Module.Pipeline;

/// <summary>Something to be done on the pipeline thread, and the promise to whoever waits for it.</summary>
internal sealed class PipelineWrite(Action action)
{
    // The waiting work goes on elsewhere: the pipeline thread must stay free to take the next write.
    private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task Done => _done.Task;

    /// <summary>Does it, on the pipeline thread; what it throws is the caller's.</summary>
    public void Run()
    {
        action();
        _done.TrySetResult();
    }

    /// <summary>
    /// Releases whoever waits for a write that failed or was dropped. To the work this is a cancellation: the cause belongs to
    /// the pipeline thread, which rethrows it when the work has ended.
    /// </summary>
    public void Drop() => _done.TrySetCanceled();
}
