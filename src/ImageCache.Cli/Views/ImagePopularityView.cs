using System.Globalization;
using ImageCache.Cli.Output;

namespace ImageCache.Cli.Views;

/// <summary>How popular images are.</summary>
internal static class ImagePopularityView
{
    public static TableView<ImagePopularity> Table { get; } = new(
    [
        new("RANK", static image => image.Rank.ToString(CultureInfo.InvariantCulture)) { IsNumber = true },
        new("NAME", static image => HumanText.Text(image.Name)) { IsFlexible = true },
        new("ID", static image => image.Id ?? image.BaseName),
        new("SCORE", static image => image.Score.ToString("0.##", CultureInfo.InvariantCulture)) { IsNumber = true },
        new("USES", static image => image.Uses.ToString(CultureInfo.InvariantCulture)) { IsNumber = true },
        new("TOTAL", static image => image.TotalUses.ToString(CultureInfo.InvariantCulture)) { IsNumber = true },
        new("LAST USED", static image => HumanText.Age(image.LastUsedAt, DateTimeOffset.UtcNow)) { IsNumber = true },
        new("CACHED", static image => HumanText.Flag(image.IsCached)),
        new("SIZE", static image => HumanText.Size(image.Size)) { IsNumber = true },
        new("NODES", static image => image.Nodes.ToString(CultureInfo.InvariantCulture)) { IsNumber = true },
    ]);
}
