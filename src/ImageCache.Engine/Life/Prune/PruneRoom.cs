namespace ImageCache.Engine.Life.Prune;

/// <summary>
/// Makes room: when what stays is more than the cap, or the file system fuller than its high watermark, unused images go, the least
/// valuable first, until there is enough. Nothing is set aside then, for that gives no room.
/// </summary>
internal sealed class PruneRoom(PruneFacts facts, PrunePolicy policy)
{
    /// <summary>Changes the verdicts of those that go.</summary>
    public void Make(Dictionary<PruneFile, PruneVerdict> verdicts)
    {
        Int128 leaving = Sum(verdicts.Where(static pair => pair.Value.Action == PruneAction.Remove));
        Int128 held = Sum(verdicts) - leaving;
        Int128 overCap = policy.MaximumSize is { } cap ? held - cap : 0;
        Int128 overMark = OverWatermark(leaving);
        if (overCap <= 0 && overMark <= 0)
        {
            return;
        }

        string capReason = policy.MaximumSize is { } size ? $"over cap: {DisplayText.Size(Bounded(held))} of {DisplayText.Size(size)}" : string.Empty;
        foreach (PruneFile file in InOrder(verdicts))
        {
            if (overCap <= 0 && overMark <= 0)
            {
                return;
            }

            string reason = overCap > 0 ? capReason : $"low on space: the file system is more than {policy.Retention.HighWatermark}% full";
            verdicts[file] = new PruneVerdict(PruneAction.Remove, $"{reason}; unused for {DisplayText.Span(facts.Now - file.Since)}, the least valuable go first");
            overCap -= file.Allocated;
            overMark -= file.Allocated;
        }
    }

    // What leaves anyway comes first; ties go by name, so that a plan is always the same.
    private List<PruneFile> InOrder(Dictionary<PruneFile, PruneVerdict> verdicts)
        => [.. verdicts
            .Where(static pair => pair.Value.IsSpare && pair.Value.Action != PruneAction.Remove && pair.Key.Allocated > 0)
            .OrderBy(static pair => pair.Value.Action == PruneAction.Quarantine ? 0 : 1)
            .ThenBy(pair => PruneValue.Of(pair.Key, facts.Popularity.ScoreOf(pair.Key.BaseName!), facts.Now))
            .ThenBy(static pair => pair.Key.Name, StringComparer.Ordinal)
            .Select(static pair => pair.Key)];

    private Int128 OverWatermark(Int128 leaving)
    {
        if (policy.Retention.HighWatermark is not { } high || facts.Capacity <= 0)
        {
            return 0;
        }

        int low = Math.Min(policy.Retention.LowWatermark ?? high, high);
        Int128 used = (Int128)facts.Capacity - facts.Free - leaving;
        return used * 100 > (Int128)facts.Capacity * high ? used - ((Int128)facts.Capacity * low / 100) : 0;
    }

    private static Int128 Sum(IEnumerable<KeyValuePair<PruneFile, PruneVerdict>> verdicts)
        => verdicts.Aggregate((Int128)0, static (sum, pair) => sum + pair.Key.Allocated);

    private static long Bounded(Int128 bytes) => bytes > long.MaxValue ? long.MaxValue : (long)bytes;
}
