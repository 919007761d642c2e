using System.Runtime.CompilerServices;
using System.Threading.Channels;
using ImageCache.Engine.Requests;

namespace ImageCache.Engine.Fetch;

/// <summary>Runs several fetches at once. Each has an outcome of its own; none stops another.</summary>
internal sealed class FetchBatch(ImageFetcher fetcher)
{
    /// <summary>Runs them; outcomes come as they are ready. After a cancellation every fetch has cleaned up before this ends.</summary>
    public async IAsyncEnumerable<FetchOutcome> RunAsync(
        IReadOnlyList<FetchRequest> requests, int throttleLimit, OperationMonitor monitor, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Channel<FetchOutcome> outcomes = Channel.CreateUnbounded<FetchOutcome>();
        Task all = RunAllAsync(requests, Math.Max(1, throttleLimit), monitor, outcomes.Writer, stop.Token);
        try
        {
            // Not cancelled itself: it ends when the last fetch has ended.
            await foreach (FetchOutcome outcome in outcomes.Reader.ReadAllAsync(CancellationToken.None).ConfigureAwait(false))
            {
                yield return outcome;
            }
        }
        finally
        {
            await stop.CancelAsync().ConfigureAwait(false);
            await all.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        cancellationToken.ThrowIfCancellationRequested();
    }

    private async Task RunAllAsync(
        IReadOnlyList<FetchRequest> requests, int throttleLimit, OperationMonitor monitor, ChannelWriter<FetchOutcome> outcomes, CancellationToken cancellationToken)
    {
        try
        {
            ParallelOptions options = new() { MaxDegreeOfParallelism = throttleLimit, CancellationToken = cancellationToken };
            await Parallel.ForEachAsync(requests, options, async (request, token) =>
                await outcomes.WriteAsync(await RunOneAsync(request, monitor, token).ConfigureAwait(false), CancellationToken.None).ConfigureAwait(false))
                .ConfigureAwait(false);
        }
        finally
        {
            outcomes.Complete();
        }
    }

    private async Task<FetchOutcome> RunOneAsync(FetchRequest request, OperationMonitor monitor, CancellationToken cancellationToken)
    {
        try
        {
            return new FetchOutcome(request, await fetcher.FetchAsync(request, monitor, cancellationToken).ConfigureAwait(false), null);
        }
        catch (ImageCacheException e)
        {
            return new FetchOutcome(request, null, e);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            // The boundary of one item: whatever is wrong with it must not take the others along.
            return new FetchOutcome(request, null, new InternalErrorException(
                $"The fetch of '{request.Subject}' failed unexpectedly: {e.GetType().Name}: {e.Message}", request.Subject, e));
        }
    }
}
