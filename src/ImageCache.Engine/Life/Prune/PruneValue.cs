namespace ImageCache.Engine.Life.Prune;

/// <summary>What an unused image is worth for each byte that it takes: the least valuable go first when room is needed.</summary>
internal static class PruneValue
{
    /// <summary>Popularity x freshness x cost to bring back.</summary>
    /// <param name="file">The file.</param>
    /// <param name="score">Its popularity.</param>
    /// <param name="now">The time.</param>
    public static double Of(PruneFile file, double score, DateTimeOffset now)
    {
        double days = Math.Max(0, (now - (file.LastUsedAt ?? file.Since)).TotalDays);
        double cost = Weight(file.Method) * Math.Max(1, file.SourceSize ?? file.Size);
        return (1 + Math.Max(0, score)) * cost / ((1 + days) * Math.Max(1, file.Allocated));
    }

    // How long a byte takes to come again, as measured; what came from nowhere that is known may never come again.
    private static double Weight(BaseImageMethod? method) => method switch
    {
        BaseImageMethod.VolumeLink => 0.01,
        BaseImageMethod.RbdExport => 1,
        BaseImageMethod.Download or BaseImageMethod.Uri => 3,
        _ => 10,
    };
}
