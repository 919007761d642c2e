namespace ImageCache.Engine.Life.Popularity;

/// <summary>
/// How uses fade: one counts 1 when it happens and half as much after each half-life. A clock that goes backwards loses
/// nothing: what is of a later time has not faded yet.
/// </summary>
internal sealed class UseDecay(TimeSpan halfLife)
{
    // Far above what a node can see; sums of it stay exact enough, and never become infinite.
    private const double Largest = 1e12;

    /// <summary>The score of a stored entry at a moment.</summary>
    public double At(double score, DateTimeOffset scoredAt, DateTimeOffset now)
    {
        if (!(score > 0))
        {
            return 0;
        }

        TimeSpan passed = now - scoredAt;
        double known = Math.Min(score, Largest);
        return passed <= TimeSpan.Zero ? known : known * Math.Pow(2, -(passed / halfLife));
    }

    /// <summary>Adds uses that happen now.</summary>
    public PopularityEntry Add(PopularityEntry entry, int uses, DateTimeOffset now) => entry with
    {
        Score = Math.Min(At(entry.Score, entry.ScoredAt, now) + uses, Largest),
        ScoredAt = now,
        TotalUses = Math.Max(0, entry.TotalUses) is var total && total > long.MaxValue - uses ? long.MaxValue : total + uses,
        LastUsedAt = now > entry.LastUsedAt ? now : entry.LastUsedAt,
    };
}
