using System.Runtime.CompilerServices;
using ImageCache.Engine.Requests;

namespace ImageCache.Engine;

/// <content>What is unused leaves.</content>
public sealed partial class ImageCacheEngine
{
    /// <summary>Decides about each file of the cache whether it stays or goes, by the configuration in force. Nothing is changed.</summary>
    /// <param name="describe">Tell of each base image what is known of it, in <see cref="PruneDecision.Image"/>.</param>
    /// <param name="monitor">Progress and warnings.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="UnavailableException">The cache cannot be read.</exception>
    public async Task<PrunePlan> PlanPruneAsync(bool describe, OperationMonitor monitor, CancellationToken cancellationToken)
    {
        using WorkProgress progress = Require(monitor).Begin(_parts.Layout.CachePath);
        return await Task.Run(() => _parts.Pruner.Plan(describe, cancellationToken), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Carries a plan out, looking at each file again under nova's lock; what is needed is kept from nova's aging too. Results stream; a
    /// failure is told in its decision and stops no other.
    /// </summary>
    /// <exception cref="UnavailableException">The cache cannot be written.</exception>
    public async IAsyncEnumerable<PruneDecision> PruneAsync(
        PrunePlan plan, OperationMonitor monitor, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(plan);
        using WorkProgress progress = Require(monitor).Begin(_parts.Layout.CachePath);
        await foreach (PruneDecision decision in _parts.Pruner.RunAsync(plan, progress, cancellationToken).ConfigureAwait(false))
        {
            yield return decision;
        }
    }
}
