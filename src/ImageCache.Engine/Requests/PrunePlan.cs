using ImageCache.Engine.Life.Prune;
using ImageCache.Engine.Life.Usage;

namespace ImageCache.Engine.Requests;

/// <summary>What a prune would do with each file of the cache. Made by <see cref="ImageCacheEngine.PlanPruneAsync"/>.</summary>
public sealed class PrunePlan
{
    internal PrunePlan(IReadOnlyList<PruneStep> steps, UsageReport usage)
    {
        Usage = usage;
        Steps = steps;
        Decisions = [.. steps.Select(static step => step.Decision)];
    }

    /// <summary>First what goes, in the order in which it goes, then what stays.</summary>
    public IReadOnlyList<PruneDecision> Decisions { get; }

    internal IReadOnlyList<PruneStep> Steps { get; }

    /// <summary>What the disks were seen to use when this was planned.</summary>
    internal UsageReport Usage { get; }

    /// <summary>The same plan with some files kept that would go.</summary>
    /// <param name="declined">Decisions of this plan.</param>
    public PrunePlan Keeping(IReadOnlyCollection<PruneDecision> declined)
    {
        HashSet<PruneDecision> kept = new(declined, ReferenceEqualityComparer.Instance);
        return new PrunePlan([.. Steps.Select(step => kept.Contains(step.Decision) ? Kept(step) : step)], Usage);
    }

    private static PruneStep Kept(PruneStep step)
    {
        PruneVerdict verdict = PruneVerdict.Keep($"kept by request ({step.Verdict.Reason})");
        return step with { Verdict = verdict, Decision = step.Decision with { Action = PruneAction.Keep, Reason = verdict.Reason } };
    }
}
