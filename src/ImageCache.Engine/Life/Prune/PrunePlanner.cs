namespace ImageCache.Engine.Life.Prune;

/// <summary>
/// Decides what leaves a cache. Pure: it knows of nothing but its facts, and the same facts give the same plan. No plan removes what is in
/// use or may be, what is critical or may be, what is locked, unknown or younger than its age, whatever room is lacking.
/// </summary>
internal static class PrunePlanner
{
    /// <summary>Plans.</summary>
    /// <returns>A step for each file: first what goes, in the order in which it goes, then what stays.</returns>
    public static IReadOnlyList<PruneStep> Plan(PruneFacts facts, PrunePolicy policy)
    {
        PruneJudge judge = new(facts, policy);
        Dictionary<PruneFile, PruneVerdict> verdicts = new(ReferenceEqualityComparer.Instance);
        foreach (PruneFile file in facts.Files)
        {
            verdicts[file] = judge.Judge(file);
        }

        KeepBelowTargets(verdicts);
        new PruneRoom(facts, policy).Make(verdicts);
        return [.. verdicts
            .OrderBy(static pair => pair.Value.Action == PruneAction.Keep)
            .ThenBy(static pair => Rank(pair.Key.Kind))
            .ThenBy(static pair => pair.Key.Place)
            .ThenBy(static pair => pair.Key.Name, StringComparer.Ordinal)
            .Select(pair => Step(pair.Key, pair.Value, facts, policy))];
    }

    // A base image stays as long as a disk on it does, used or not.
    private static void KeepBelowTargets(Dictionary<PruneFile, PruneVerdict> verdicts)
    {
        ILookup<string?, PruneFile> kept = verdicts
            .Where(static pair => pair.Key.Kind == PruneKind.Target && pair.Value.Action == PruneAction.Keep)
            .ToLookup(static pair => pair.Key.BaseName, static pair => pair.Key);
        foreach ((PruneFile file, PruneVerdict verdict) in verdicts.Where(static pair => pair.Key.IsBase && !pair.Value.IsNeeded).ToList())
        {
            if (kept[file.BaseName].OrderBy(static target => target.Name, StringComparer.Ordinal).FirstOrDefault() is { } target)
            {
                verdicts[file] = verdict.Action == PruneAction.Keep && !verdict.IsSpare
                    ? verdict
                    : new PruneVerdict(PruneAction.Keep, $"its target {target.Name} is kept") { IsNeeded = true };
            }
        }
    }

    // What lies on something goes before it.
    private static int Rank(PruneKind kind) => kind == PruneKind.Target ? 0 : 1;

    private static PruneStep Step(PruneFile file, PruneVerdict verdict, PruneFacts facts, PrunePolicy policy) => new(
        file,
        verdict,
        new PruneDecision
        {
            Path = file.Path,
            ImageId = file.ImageId,
            Name = file.ImageName,
            Node = Environment.MachineName,
            Kind = file.Kind,
            Size = file.Size,
            AllocatedSize = file.Allocated,
            Age = facts.Now - file.Since,
            Action = verdict.Action,
            Reason = verdict.Reason,
            UsedBy = verdict.UsedBy,
        },
        policy.AgeOf(file.Kind, facts.IsShared));
}
