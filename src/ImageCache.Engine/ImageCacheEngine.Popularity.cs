using ImageCache.Engine.Requests;

namespace ImageCache.Engine;

/// <content>How popular images are, and bringing them before they are asked for.</content>
public sealed partial class ImageCacheEngine
{
    /// <summary>Ranks images by how often and how lately they are used; no service is asked.</summary>
    public async Task<IReadOnlyList<ImagePopularity>> GetPopularityAsync(
        PopularityRequest request, OperationMonitor monitor, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        using WorkProgress progress = Require(monitor).Begin("uses of images");
        return await _parts.Popularity.TellAsync(request, monitor, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Says which images are to be brought before they are asked for, after the start jitter. What finds no room is told as a warning, and
    /// what cannot be found has its error.
    /// </summary>
    public Task<IReadOnlyList<PrecacheChoice>> PlanPrecacheAsync(PrecacheRequest request, OperationMonitor monitor, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        return _parts.Precacher.PlanAsync(request, Require(monitor), cancellationToken);
    }

    /// <summary>Brings what was planned, several at once; outcomes come as they are ready, and one failure stops no other.</summary>
    public IAsyncEnumerable<FetchOutcome> PrecacheAsync(
        IReadOnlyList<PrecacheChoice> choices, int? throttleLimit, OperationMonitor monitor, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(choices);
        return _parts.Precacher.RunAsync(choices, throttleLimit, Require(monitor), cancellationToken);
    }
}
