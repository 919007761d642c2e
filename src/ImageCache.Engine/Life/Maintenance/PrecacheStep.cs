using ImageCache.Engine.Configuration;
using ImageCache.Engine.Life.Precache;
using ImageCache.Engine.Requests;

namespace ImageCache.Engine.Life.Maintenance;

/// <summary>The most popular images are fetched, before anybody asks for them.</summary>
internal sealed class PrecacheStep(ImageCacheConfiguration configuration, Precacher precacher) : IMaintenanceStep
{
    public MaintenanceStep Step => MaintenanceStep.Precache;

    public string? SkipReason(bool dryRun)
        => configuration.MaintenancePrecache == 0 ? $"{MaintenanceSettings.PrecacheName} is 0" : dryRun ? "a rehearsal fetches nothing" : null;

    public async Task<StepReport> RunAsync(bool dryRun, OperationMonitor monitor, CancellationToken cancellationToken)
    {
        IReadOnlyList<PrecacheChoice> choices = await precacher
            .PlanAsync(new PrecacheRequest { First = configuration.MaintenancePrecache }, monitor, cancellationToken)
            .ConfigureAwait(false);
        int brought = 0;
        List<ImageCacheException> errors = [];
        await foreach (FetchOutcome outcome in precacher.RunAsync(choices, null, monitor, cancellationToken).ConfigureAwait(false))
        {
            brought += outcome.Image is { Hit: false } ? 1 : 0;
            if (outcome.Error is { } error)
            {
                errors.Add(error);
            }
        }

        return new StepReport(choices.Count, brought) { Errors = errors };
    }
}
