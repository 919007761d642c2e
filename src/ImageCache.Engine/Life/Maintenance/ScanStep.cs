using ImageCache.Engine.Life.Popularity;
using ImageCache.Engine.Life.Usage;

namespace ImageCache.Engine.Life.Maintenance;

/// <summary>The disks of this node are looked through, and what they use is counted.</summary>
internal sealed class ScanStep(UsageScanner usage, PopularityStore uses) : IMaintenanceStep
{
    public MaintenanceStep Step => MaintenanceStep.Scan;

    public string? SkipReason(bool dryRun) => null;

    public async Task<StepReport> RunAsync(bool dryRun, OperationMonitor monitor, CancellationToken cancellationToken)
    {
        UsageReport report = await Task.Run(() => usage.Scan(cancellationToken), cancellationToken).ConfigureAwait(false);
        foreach ((string disk, string reason) in report.Unreadable)
        {
            monitor.Warn($"'{disk}' cannot be read ({reason}): it may use any base image, so that none is removed.");
        }

        if (!dryRun)
        {
            await uses.UpdateAsync(report, monitor.Warn, cancellationToken).ConfigureAwait(false);
        }

        return new StepReport(report.UsedBy.Count, 0)
        {
            Faults = report.Unreadable.Count,
            Reason = report.Unreadable.Count == 0 ? null : $"{report.Unreadable.Count} disks cannot be read",
        };
    }
}
