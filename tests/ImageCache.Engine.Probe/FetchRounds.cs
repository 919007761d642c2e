using ImageCache.Engine.Requests;

namespace ImageCache.Engine.Probe;

/// <summary>Fetches with one engine again and again: a line names an image, and says <c>cancel</c> when its transfer shall be.</summary>
internal sealed class FetchRounds(ImageCacheEngine engine)
{
    public async Task RunAsync(TextReader orders, TextWriter told, CancellationToken cancellationToken)
    {
        while (await orders.ReadLineAsync(cancellationToken).ConfigureAwait(false) is { } line)
        {
            string[] words = line.Split(' ');
            using CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            await told.WriteLineAsync($"ROUND {await FetchAsync(words[0], words.Length > 1, stop).ConfigureAwait(false)}").ConfigureAwait(false);
        }
    }

    private async Task<string> FetchAsync(string image, bool cancel, CancellationTokenSource stop)
    {
        OperationMonitor monitor = new();
        Task<FetchOutcome> fetch = FirstAsync(image, monitor, stop.Token);
        while (cancel && !fetch.IsCompleted && !monitor.Sample().Any(static item => item is { Stage: WorkStage.Transferring, Done: > 0 }))
        {
            await Task.Delay(1, CancellationToken.None).ConfigureAwait(false);
        }

        if (cancel)
        {
            await stop.CancelAsync().ConfigureAwait(false);
        }

        try
        {
            FetchOutcome outcome = await fetch.ConfigureAwait(false);
            return outcome.Error?.ErrorId ?? "FETCHED";
        }
        catch (OperationCanceledException)
        {
            return "CANCELLED";
        }
    }

    private async Task<FetchOutcome> FirstAsync(string image, OperationMonitor monitor, CancellationToken cancellationToken)
    {
        await foreach (FetchOutcome outcome in engine.FetchAsync([new FetchRequest { Image = image, Force = true }], 1, monitor, cancellationToken).ConfigureAwait(false))
        {
            return outcome;
        }

        throw new InvalidOperationException("there was no outcome");
    }
}
