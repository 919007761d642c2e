using ImageCache.Cli.Output;
using ImageCache.Cli.Views;
using ImageCache.Engine.Requests;

namespace ImageCache.Cli.Commands;

/// <summary>Writes what became of critical images, with the progress of what is fetched.</summary>
internal static class CriticalOutcomes
{
    public static async Task WriteAsync(IAsyncEnumerable<CriticalOutcome> outcomes, Invocation invocation)
    {
        using IResultWriter<CriticalImage> writer = invocation.Writer(CriticalImageView.Table);
        ConsoleProgress progress = ConsoleProgress.Start(invocation.Monitor, invocation.Reporter, invocation.IsForPeople);
        await using (progress.ConfigureAwait(false))
        {
            await foreach (CriticalOutcome outcome in outcomes.ConfigureAwait(false))
            {
                if (outcome.Image is { } image)
                {
                    writer.Write(image);
                }

                if (outcome.Error is { } error)
                {
                    invocation.Fail(error, outcome.Subject);
                }
            }
        }
    }
}
