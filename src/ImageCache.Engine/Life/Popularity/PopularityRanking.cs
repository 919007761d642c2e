namespace ImageCache.Engine.Life.Popularity;

/// <summary>
/// Sums and ranks what nodes tell. Pure, and independent of the order in which they are told: each node's word on an image counts once,
/// the latest, faded to the moment of the sum.
/// </summary>
internal static class PopularityRanking
{
    /// <summary>Ranks images.</summary>
    /// <param name="local">What this node knows; it wins over what was imported under this node's name.</param>
    /// <param name="imported">What others told.</param>
    /// <param name="node">This node.</param>
    /// <param name="decay">How uses fade.</param>
    /// <param name="now">The moment to rank for.</param>
    public static IReadOnlyList<ImagePopularity> Rank(
        IReadOnlyList<ImagePopularity> local, IReadOnlyList<ImagePopularity> imported, string node, UseDecay decay, DateTimeOffset now)
    {
        IEnumerable<ImagePopularity> others = imported.Where(image => image.Node != node);
        IEnumerable<ImagePopularity> single = local.Concat(others).Where(static image => image.Node is not null)
            .GroupBy(static image => (image.Node, image.BaseName))
            .Select(static same => same.OrderByDescending(MeasuredAt).ThenByDescending(static image => image.Score).ThenByDescending(static image => image.TotalUses).First());
        IEnumerable<ImagePopularity> sums = others.Where(static image => image.Node is null).Distinct();
        return Number(single.Concat(sums)
            .GroupBy(static image => image.BaseName, StringComparer.Ordinal)
            .Select(same => Sum([.. same.OrderByDescending(image => image.Node == node).ThenByDescending(MeasuredAt).ThenBy(static image => image.Node, StringComparer.Ordinal).ThenByDescending(static image => image.Score)], decay, now)));
    }

    /// <summary>Puts images in order and numbers them from 1.</summary>
    public static IReadOnlyList<ImagePopularity> Number(IEnumerable<ImagePopularity> images)
        => [.. images
            .OrderByDescending(static image => image.Score)
            .ThenByDescending(static image => image.Uses)
            .ThenByDescending(static image => image.TotalUses)
            .ThenByDescending(static image => image.LastUsedAt)
            .ThenBy(static image => image.BaseName, StringComparer.Ordinal)
            .Select(static (image, index) => image with { Rank = index + 1 })];

    private static ImagePopularity Sum(IReadOnlyList<ImagePopularity> same, UseDecay decay, DateTimeOffset now) => same[0] with
    {
        Id = First(same, static image => image.Id),
        Name = First(same, static image => image.Name),
        Owner = First(same, static image => image.Owner),
        Visibility = First(same, static image => image.Visibility),
        Size = same.Select(static image => image.Size).FirstOrDefault(static size => size is not null),
        Node = same.Count == 1 ? same[0].Node : null,
        Nodes = (int)Math.Min(int.MaxValue, same.Sum(static image => (long)Math.Max(1, image.Nodes))),
        Score = Math.Round(same.Sum(image => decay.At(image.Score, image.MeasuredAt ?? now, now)), 6),
        Uses = Add(same, static image => image.Uses),
        TotalUses = Add(same, static image => image.TotalUses),
        LastUsedAt = same.Max(static image => image.LastUsedAt),
        MeasuredAt = now,
    };

    private static DateTimeOffset MeasuredAt(ImagePopularity image) => image.MeasuredAt ?? DateTimeOffset.MinValue;

    private static string? First(IReadOnlyList<ImagePopularity> same, Func<ImagePopularity, string?> property)
        => same.Select(property).FirstOrDefault(static value => value is not null);

    // What others told may be anything: it ends at the largest number, and never wraps round.
    private static long Add(IReadOnlyList<ImagePopularity> same, Func<ImagePopularity, long> property)
        => same.Select(property).Aggregate(0L, static (sum, value) => value <= 0 ? sum : sum > long.MaxValue - value ? long.MaxValue : sum + value);
}
