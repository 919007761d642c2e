using System.Globalization;
using ImageCache.Cli.Output;

namespace ImageCache.Cli.Views;

/// <summary>What <c>maintain</c> did.</summary>
internal static class MaintenanceResultView
{
    public static TableView<MaintenanceResult> Table { get; } = new(
    [
        new("STEP", static result => result.Step.ToString()),
        new("STATUS", static result => result.Status.ToString()),
        new("ITEMS", static result => result.Items.ToString(CultureInfo.InvariantCulture)),
        new("CHANGED", static result => result.Changed.ToString(CultureInfo.InvariantCulture)),
        new("FAILED", static result => result.Failures.ToString(CultureInfo.InvariantCulture)),
        new("REASON", static result => HumanText.Text(result.Reason)) { IsFlexible = true },
    ]);
}
