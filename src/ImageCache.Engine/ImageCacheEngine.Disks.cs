using ImageCache.Engine.Requests;

namespace ImageCache.Engine;

/// <summary>Instance disks.</summary>
public sealed partial class ImageCacheEngine
{
    /// <summary>
    /// Says what making an instance disk would do, and refuses what must not be done. No service is asked, unless a flavor says the size.
    /// </summary>
    /// <exception cref="NotFoundException">The image is not here, or there is no such flavor.</exception>
    /// <exception cref="PolicyException">The disk would be smaller than the image's.</exception>
    public async Task<DiskPlan> PlanDiskAsync(DiskRequest request, OperationMonitor monitor, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        using WorkProgress progress = Require(monitor).Begin(request.Image);
        return await _parts.Disks.PlanAsync(request, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Makes the instance disk that was planned, looking again under nova's lock of the base file first. It appears whole, or not at all.
    /// </summary>
    /// <exception cref="ImageCacheException">The base image or the place for the disk is refused, or something was in the way.</exception>
    public Task<InstanceDisk> CreateDiskAsync(DiskPlan plan, OperationMonitor monitor, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(plan);
        return _parts.Disks.CreateAsync(plan, Require(monitor), cancellationToken);
    }
}
