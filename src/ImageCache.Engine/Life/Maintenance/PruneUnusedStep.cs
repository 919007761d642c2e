using ImageCache.Engine.Configuration;
using ImageCache.Engine.Life.Prune;
using ImageCache.Engine.Requests;

namespace ImageCache.Engine.Life.Maintenance;

/// <summary>What is unused, old or over the cap leaves.</summary>
internal sealed class PruneUnusedStep(ImageCacheConfiguration configuration, Pruner pruner) : IMaintenanceStep
{
    public MaintenanceStep Step => MaintenanceStep.Prune;

    public string? SkipReason(bool dryRun) => configuration.Retention.RemoveUnusedBaseImages ? null : "remove_unused_base_images is false";

    public async Task<StepReport> RunAsync(bool dryRun, OperationMonitor monitor, CancellationToken cancellationToken)
    {
        using WorkProgress progress = monitor.Begin(configuration.CachePath);
        PrunePlan plan = await Task.Run(() => pruner.Plan(describe: false, cancellationToken), cancellationToken).ConfigureAwait(false);
        if (dryRun)
        {
            return new StepReport(plan.Decisions.Count, plan.Decisions.Count(static decision => decision.Action != PruneAction.Keep));
        }

        StepReport report = new(0, 0);
        await foreach (PruneDecision decision in pruner.RunAsync(plan, progress, cancellationToken).ConfigureAwait(false))
        {
            report = report with
            {
                Items = report.Items + 1,
                Changed = report.Changed + (decision is { Done: true, Action: not PruneAction.Keep } ? 1 : 0),
                Faults = report.Faults + (decision.Error is null ? 0 : 1),
                Reason = decision.Error is { } error ? $"'{decision.Path}': {error}" : report.Reason,
            };
        }

        return report;
    }
}
