using ImageCache.Cli.Output;

namespace ImageCache.Cli.Views;

/// <summary>What <c>verify</c> found.</summary>
internal static class IntegrityResultView
{
    public static TableView<IntegrityResult> Table { get; } = new(
    [
        new("STATUS", Status),
        new("NAME", static result => HumanText.Text(result.Name)) { IsFlexible = true },
        new("ID", static result => result.Id ?? Path.GetFileName(result.Path)),
        new("SIZE", static result => HumanText.Size(result.Size)) { IsNumber = true },
        new("PROVED", static result => HumanText.Age(result.LastProvedAt, DateTimeOffset.UtcNow)) { IsNumber = true },
        new("REASON", static result => HumanText.Text(result.Reason)),
    ]);

    private static string Status(IntegrityResult result) => result.Repaired ? $"{result.Status}, repaired" : result.Status.ToString();
}
