using System.Globalization;
using System.Runtime.CompilerServices;
using ImageCache.Engine.Configuration;
using ImageCache.Engine.Fetch;
using ImageCache.Engine.Requests;
using ImageCache.Engine.Store;

namespace ImageCache.Engine.Life.Precache;

/// <summary>
/// Brings images before they are asked for: waits a random while, chooses what finds room, and fetches that as anybody would. What is here
/// already is a hit, so that a run that was cut short is simply begun again.
/// </summary>
internal sealed class Precacher(
    ImageCacheConfiguration configuration, CacheDirectory directory, CacheReader cache, PrecacheChooser chooser, FetchBatch batch, TimeProvider time)
{
    /// <summary>Waits a random while, then says what is to be brought. What finds no room is told as a warning.</summary>
    public async Task<IReadOnlyList<PrecacheChoice>> PlanAsync(PrecacheRequest request, OperationMonitor monitor, CancellationToken cancellationToken)
    {
        directory.RequireReadable();
        await WaitAsync(request.Jitter ?? configuration.PrecacheJitter, monitor, cancellationToken).ConfigureAwait(false);
        using WorkProgress progress = monitor.Begin("images to bring");
        IReadOnlyList<PrecacheChoice> candidates = await chooser.ChooseAsync(request, monitor, cancellationToken).ConfigureAwait(false);
        PrecachePlan plan = PrecachePlan.Make(candidates, directory.Guard(() => Room(request)));
        foreach ((PrecacheChoice choice, string reason) in plan.LeftOut)
        {
            monitor.Warn($"The image {choice.Title} is not brought: {reason}.");
        }

        return plan.Chosen;
    }

    /// <summary>Brings what was planned; outcomes come as they are ready, and none stops another.</summary>
    public async IAsyncEnumerable<FetchOutcome> RunAsync(
        IReadOnlyList<PrecacheChoice> choices, int? throttleLimit, OperationMonitor monitor, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (PrecacheChoice failed in choices.Where(static choice => choice.Error is not null))
        {
            yield return new FetchOutcome(failed.Request, null, failed.Error);
        }

        FetchRequest[] requests = [.. choices.Where(static choice => choice.Error is null).Select(static choice => choice.Request)];
        await foreach (FetchOutcome outcome in batch
            .RunAsync(requests, throttleLimit ?? configuration.ThrottleLimit, monitor, cancellationToken)
            .ConfigureAwait(false))
        {
            yield return outcome;
        }
    }

    // A thousand nodes whose timers fire at one moment must not ask Glance at one moment.
    private async Task WaitAsync(TimeSpan jitter, OperationMonitor monitor, CancellationToken cancellationToken)
    {
        if (jitter <= TimeSpan.Zero)
        {
            return;
        }

        TimeSpan delay = jitter * Random.Shared.NextDouble();
        using WorkProgress progress = monitor.Begin(string.Create(CultureInfo.InvariantCulture, $"images to bring, in {delay.TotalSeconds:0} s"));
        progress.Enter(WorkStage.Waiting);
        await Task.Delay(delay, time, cancellationToken).ConfigureAwait(false);
    }

    private PrecacheRoom Room(PrecacheRequest request) => new(
        request.MaximumSize,
        configuration.MaximumSize is { } cap ? cap - cache.All().Sum(static entry => entry.Status.Allocated) : null,
        new DriveInfo(configuration.CachePath).AvailableFreeSpace - configuration.MinimumFree);
}
