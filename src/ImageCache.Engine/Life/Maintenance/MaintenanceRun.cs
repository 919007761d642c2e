using System.Runtime.CompilerServices;
using ImageCache.Engine.Configuration;
using ImageCache.Engine.Requests;
using ImageCache.Engine.Store;

namespace ImageCache.Engine.Life.Maintenance;

/// <summary>
/// All that keeps a cache in good order, one part after the other, by one process at a time. A part that fails stops no other: what can be
/// done with Glance down is done.
/// </summary>
internal sealed class MaintenanceRun(ImageCacheConfiguration configuration, CacheDirectory directory, IReadOnlyList<IMaintenanceStep> steps, TimeProvider time)
{
    /// <summary>Runs the parts that the configuration asks for.</summary>
    /// <exception cref="BusyException">Another process is at it.</exception>
    public async IAsyncEnumerable<MaintenanceOutcome> RunAsync(
        bool dryRun, OperationMonitor monitor, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        directory.RequireWritable();
        using BaseFileLock alone = directory.Guard(() => BaseFileLock.TryAcquire(directory.Layout.MaintenanceLockPath)) ?? throw new BusyException(
            ErrorIds.MaintenanceRunning,
            $"Maintenance of the cache '{directory.Layout.CachePath}' is not begun: another process is at it.",
            nextStep: "Wait for it to end; 'systemctl status imagecache-maintain' tells of the one that the timer began.");
        foreach (IMaintenanceStep step in steps.Where(step => configuration.MaintenanceSteps.Contains(step.Step)).OrderBy(static step => step.Step))
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return await RunAsync(step, dryRun, monitor, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task<MaintenanceOutcome> RunAsync(IMaintenanceStep step, bool dryRun, OperationMonitor monitor, CancellationToken cancellationToken)
    {
        MaintenanceResult result = new() { Node = Environment.MachineName, Step = step.Step, Status = MaintenanceStatus.Skipped };
        if (step.SkipReason(dryRun) is { } reason)
        {
            return new MaintenanceOutcome(result with { Reason = reason }, []);
        }

        long begun = time.GetTimestamp();
        try
        {
            StepReport report = await step.RunAsync(dryRun, monitor, cancellationToken).ConfigureAwait(false);
            long failures = report.Errors.Count + report.Faults;
            return new MaintenanceOutcome(
                result with
                {
                    Status = failures == 0 ? MaintenanceStatus.Done : MaintenanceStatus.Failed,
                    Items = report.Items,
                    Changed = report.Changed,
                    Failures = failures,
                    Reason = report.Reason ?? (report.Errors.Count > 0 ? report.Errors[0].Message : null),
                    Duration = time.GetElapsedTime(begun),
                },
                report.Errors);
        }
        catch (ImageCacheException e)
        {
            return new MaintenanceOutcome(
                result with { Status = MaintenanceStatus.Failed, Failures = 1, Reason = e.Message, Duration = time.GetElapsedTime(begun) }, [e]);
        }
    }
}
