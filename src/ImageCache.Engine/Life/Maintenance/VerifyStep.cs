using ImageCache.Engine.Configuration;
using ImageCache.Engine.Requests;

namespace ImageCache.Engine.Life.Maintenance;

/// <summary>
/// A slice of the cache is read again, the oldest proof first, so that the runs of a week or so prove it all; what is damaged is repaired,
/// unless disks use it.
/// </summary>
internal sealed class VerifyStep(ImageCacheConfiguration configuration, IntegrityScan scan, IntegrityRepair repair) : IMaintenanceStep
{
    public MaintenanceStep Step => MaintenanceStep.Verify;

    public string? SkipReason(bool dryRun)
        => configuration.VerifySlice == 0 ? $"{MaintenanceSettings.SliceName} is 0" : dryRun ? "a rehearsal reads nothing again" : null;

    public async Task<StepReport> RunAsync(bool dryRun, OperationMonitor monitor, CancellationToken cancellationToken)
    {
        StepReport report = new(0, 0);
        long left = configuration.VerifySlice;
        VerifyRequest due = new() { OlderThan = configuration.VerifyAge };
        await foreach (IntegrityResult found in scan.RunAsync(due, monitor, cancellationToken).ConfigureAwait(false))
        {
            report = await JudgeAsync(report with { Items = report.Items + 1 }, found, monitor, cancellationToken).ConfigureAwait(false);
            left -= found.Actual is null ? 0 : found.Size ?? 0;
            if (left <= 0)
            {
                break;
            }
        }

        return report;
    }

    private async Task<StepReport> JudgeAsync(StepReport report, IntegrityResult found, OperationMonitor monitor, CancellationToken cancellationToken)
    {
        if (found.Status == IntegrityStatus.Unreadable)
        {
            return report with { Faults = report.Faults + 1, Reason = $"'{found.Path}': {found.Reason}" };
        }

        if (!ImageCacheEngine.IsBroken(found))
        {
            return report;
        }

        IntegrityResult after = await repair.RunAsync(found, monitor, cancellationToken).ConfigureAwait(false);
        return after.Repaired
            ? report with { Changed = report.Changed + 1 }
            : report with { Faults = report.Faults + 1, Reason = $"'{after.Path}': {after.Reason}" };
    }
}
