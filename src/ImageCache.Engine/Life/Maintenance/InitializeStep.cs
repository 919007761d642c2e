namespace ImageCache.Engine.Life.Maintenance;

/// <summary>The cache is put in order.</summary>
internal sealed class InitializeStep(CacheInitializer initializer) : IMaintenanceStep
{
    public MaintenanceStep Step => MaintenanceStep.Initialize;

    public string? SkipReason(bool dryRun) => null;

    public async Task<StepReport> RunAsync(bool dryRun, OperationMonitor monitor, CancellationToken cancellationToken)
    {
        StepReport report = new(0, 0);
        await foreach (InitializationResult result in initializer.RunAsync(create: false, dryRun, monitor, cancellationToken).ConfigureAwait(false))
        {
            report = result.Action switch
            {
                InitializationAction.Kept => report with { Items = report.Items + 1 },
                InitializationAction.Reported => Tell(report, result, monitor),
                _ => report with { Items = report.Items + 1, Changed = report.Changed + 1 },
            };
        }

        return report;
    }

    private static StepReport Tell(StepReport report, InitializationResult result, OperationMonitor monitor)
    {
        monitor.Warn($"'{result.Path}'{(result.Name is { } name ? $" ({name})" : string.Empty)}: {result.Reason}.");
        return report with { Items = report.Items + 1, Faults = report.Faults + 1, Reason = result.Reason };
    }
}
