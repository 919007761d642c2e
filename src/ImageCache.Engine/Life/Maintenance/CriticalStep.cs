using ImageCache.Engine.Life.Critical;
using ImageCache.Engine.Requests;

namespace ImageCache.Engine.Life.Maintenance;

/// <summary>Critical images are brought in order.</summary>
internal sealed class CriticalStep(CriticalParts critical) : IMaintenanceStep
{
    public MaintenanceStep Step => MaintenanceStep.Critical;

    public string? SkipReason(bool dryRun)
        => dryRun ? "a rehearsal fetches nothing" : critical.Registry.Select(null).Count == 0 ? "no image is registered as critical" : null;

    public async Task<StepReport> RunAsync(bool dryRun, OperationMonitor monitor, CancellationToken cancellationToken)
    {
        int items = 0;
        HashSet<string> missing = [.. critical.Registry.Select(null).Select(critical.View.Of).Where(static image => !image.IsCached).Select(static image => image.Id)];
        int brought = 0;
        List<ImageCacheException> errors = [];
        await foreach (CriticalOutcome outcome in critical.Sync
            .RunAsync(new CriticalSyncRequest(), critical.Reach(), monitor, cancellationToken)
            .ConfigureAwait(false))
        {
            items++;
            brought += outcome.Image is { IsCached: true } image && missing.Contains(image.Id) ? 1 : 0;
            if (outcome.Error is { } error)
            {
                errors.Add(error);
            }
        }

        return new StepReport(items, brought) { Errors = errors };
    }
}
