using ImageCache.Engine.Requests;
using ImageCache.Module.Binding;
using ImageCache.Module.Pipeline;

namespace ImageCache.Module.Commands;

/// <summary>What cmdlets share that bring critical images here.</summary>
public abstract class CriticalImageCmdlet : ImageCacheCmdlet
{
    private protected CriticalImageCmdlet(string activity)
        : base(activity)
    {
    }

    /// <summary>Writes outcomes as they come: an image that is registered and could not be fetched is both an object and an error.</summary>
    private protected async Task WriteAsync(IAsyncEnumerable<CriticalOutcome> outcomes)
    {
        await foreach (CriticalOutcome outcome in outcomes.ConfigureAwait(false))
        {
            if (outcome.Image is { } image)
            {
                await Writer.WriteObjectAsync(image).ConfigureAwait(false);
            }

            if (outcome.Error is { } error)
            {
                await Writer.WriteErrorAsync(ErrorRecords.From(error, outcome.Subject)).ConfigureAwait(false);
            }
        }
    }
}
