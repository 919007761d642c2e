namespace ImageCache.Engine.Life.Popularity;

/// <summary>How much each image is used on this node, as of one moment.</summary>
/// <param name="Scores">Decayed counts of uses by the names of base files; what is not named was never seen in use.</param>
internal sealed record PopularityReading(IReadOnlyDictionary<string, double> Scores)
{
    public static PopularityReading Empty { get; } = new(new Dictionary<string, double>(StringComparer.Ordinal));

    /// <summary>The decayed count of uses of one image.</summary>
    public double ScoreOf(string baseName) => Scores.GetValueOrDefault(baseName);
}
