using ImageCache.Engine.OpenStack;
using ImageCache.Engine.OpenStack.Compute;

namespace ImageCache.Engine.Life.Disks;

/// <summary>Asks the compute service how large the root disk of a flavor is.</summary>
internal sealed class FlavorSizes(CloudConnection cloud)
{
    private const long Gibibyte = 1L << 30;

    /// <summary>Asks.</summary>
    /// <param name="flavor">A name, or an id.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <returns>Bytes; 0 is the image's own size.</returns>
    /// <exception cref="NotFoundException">There is no such flavor.</exception>
    public async Task<long> FindAsync(string flavor, CancellationToken cancellationToken)
    {
        Flavor found = await cloud.Compute.FindFlavorAsync(flavor, cancellationToken).ConfigureAwait(false);
        return checked(found.RootGibibytes * Gibibyte);
    }
}
