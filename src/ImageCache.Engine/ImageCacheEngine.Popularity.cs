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
}
