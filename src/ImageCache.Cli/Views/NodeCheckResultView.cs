using ImageCache.Cli.Output;

namespace ImageCache.Cli.Views;

/// <summary>What <c>node</c> found.</summary>
internal static class NodeCheckResultView
{
    public static TableView<NodeCheckResult> Table { get; } = new(
    [
        new("METHOD", static result => result.Method?.ToString() ?? "every"),
        new("NEED", static result => result.Need),
        new("STATUS", Status),
        new("REASON", static result => HumanText.Text(result.Reason)) { IsFlexible = true },
    ]);

    // A failure that is in nobody's way looks other than one that is.
    private static string Status(NodeCheckResult result)
        => result is { IsRequired: false, Status: NodeCheckStatus.Fail } ? "Fail, not required" : result.Status.ToString();
}
