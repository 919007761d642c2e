using ImageCache.Engine.Life.Critical;
using ImageCache.Engine.Requests;

namespace ImageCache.Engine;

/// <summary>The verbs about images that must be here, with Glance down too.</summary>
public sealed partial class ImageCacheEngine
{
    private CriticalParts Critical => _parts.Critical;

    /// <summary>
    /// Registers images as critical, and fetches those that are to be fetched at once, several at a time. What cannot be fetched stays
    /// registered: such an outcome has image and error.
    /// </summary>
    public IAsyncEnumerable<CriticalOutcome> RegisterCriticalAsync(
        IReadOnlyList<CriticalRequest> requests, int throttleLimit, OperationMonitor monitor, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(requests);
        return Critical.Registration.RunAsync(requests, throttleLimit, Critical.Reach(), Require(monitor), cancellationToken);
    }

    /// <summary>Sets a list of critical images that cannot be read aside, so that a new one can be begun; one that can be read stays.</summary>
    public Task ResetCriticalListAsync(OperationMonitor monitor, CancellationToken cancellationToken)
        => Critical.Registry.ResetDamagedAsync(Require(monitor), cancellationToken);

    /// <summary>Tells which images are critical and how it stands with them on this node; no service is asked, and no image is read.</summary>
    /// <param name="image">An id or a name; <see langword="null"/> tells of all.</param>
    /// <exception cref="NotFoundException">The image named is not critical.</exception>
    /// <exception cref="UnavailableException">The list cannot be read.</exception>
    public IReadOnlyList<CriticalImage> ListCritical(string? image) => [.. Critical.Registry.Select(image).Select(Critical.View.Of)];

    /// <summary>Takes an image out of the list; its file stays, and may be pruned from now on.</summary>
    /// <param name="image">As <see cref="ListCritical"/> told of it.</param>
    /// <param name="cancellationToken">Stops the wait for the list.</param>
    /// <exception cref="NotFoundException">It is not in the list.</exception>
    public async Task<CriticalImage> UnregisterCriticalAsync(CriticalImage image, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(image);
        await Critical.Registry.RemoveAsync(Critical.Registry.Select(image.Id)[0], cancellationToken).ConfigureAwait(false);
        return image;
    }

    /// <summary>
    /// Brings critical images in order: here, proved, complete, kept from nova's aging, and as Glance has them. Whether Glance answers is
    /// found out once, for all of them; what can be done without it is done.
    /// </summary>
    public IAsyncEnumerable<CriticalOutcome> SyncCriticalAsync(CriticalSyncRequest request, OperationMonitor monitor, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        return Critical.Sync.RunAsync(request, Critical.Reach(), Require(monitor), cancellationToken);
    }
}
