using ImageCache.Cli.Output;

namespace ImageCache.Cli.Views;

/// <summary>Critical images.</summary>
internal static class CriticalImageView
{
    public static TableView<CriticalImage> Table { get; } = new(
    [
        new("NAME", static image => HumanText.Text(image.Name)) { IsFlexible = true },
        new("ID", static image => image.Id),
        new("STATUS", static image => image.Status.ToString()),
        new("CACHED", static image => HumanText.Flag(image.IsCached)),
        new("METHOD", static image => image.Method.ToString()),
        new("TARGETS", static image => image.TargetSizes.Count == 0 ? "-" : string.Join(' ', image.TargetSizes.Select(static size => HumanText.Size(size)))),
        new("SYNCED", static image => HumanText.Age(image.SyncedAt, DateTimeOffset.UtcNow)) { IsNumber = true },
        new("REASON", static image => HumanText.Text(image.Reason)),
    ]);
}
