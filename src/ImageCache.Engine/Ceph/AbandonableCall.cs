namespace ImageCache.Engine.Ceph;

/// <summary>
/// Runs native calls that block on a thread of their own and waits for them only so long. What cannot be interrupted is left to
/// end by itself; its result is then thrown away.
/// </summary>
internal static class AbandonableCall
{
    /// <summary>Runs a call.</summary>
    /// <param name="call">Blocks.</param>
    /// <param name="limit">The longest wait.</param>
    /// <param name="discard">Takes a result that nobody waits for any more.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <exception cref="TimeoutException">It took longer.</exception>
    public static async Task<T> RunAsync<T>(Func<T> call, TimeSpan limit, Action<T>? discard, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        Task<T> running = Task.Factory.StartNew(call, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        try
        {
            return await running.WaitAsync(limit, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is TimeoutException or OperationCanceledException && !running.IsFaulted)
        {
            _ = running.ContinueWith(
                ended =>
                {
                    if (ended.IsCompletedSuccessfully)
                    {
                        discard?.Invoke(ended.Result);
                    }
                    else
                    {
                        // Nobody else looks at it.
                        _ = ended.Exception;
                    }
                },
                CancellationToken.None,
                TaskContinuationOptions.None,
                TaskScheduler.Default);
            throw;
        }
    }
}
