using ImageCache.Engine.Requests;

namespace ImageCache.Engine;

/// <content>Maintenance.</content>
public sealed partial class ImageCacheEngine
{
    /// <summary>
    /// Does all that keeps a cache in good order: init, scan, critical images, precache, prune, and a slice of verify, as the configuration
    /// asks. Outcomes come as the parts end; one that fails stops no other.
    /// </summary>
    /// <param name="dryRun">Only say what would be done; what changes too much for a rehearsal is left out.</param>
    /// <param name="monitor">Progress and warnings.</param>
    /// <param name="cancellationToken">Stops the work.</param>
    /// <exception cref="BusyException">Another process is at it.</exception>
    public IAsyncEnumerable<MaintenanceOutcome> MaintainAsync(bool dryRun, OperationMonitor monitor, CancellationToken cancellationToken)
        => _parts.Maintenance.RunAsync(dryRun, Require(monitor), cancellationToken);
}
