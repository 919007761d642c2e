using ImageCache.Cli.Output;

namespace ImageCache.Cli.Views;

/// <summary>What <c>init</c> did.</summary>
internal static class InitializationResultView
{
    public static TableView<InitializationResult> Table { get; } = new(
    [
        new("ACTION", static result => result.Action.ToString()),
        new("NAME", static result => HumanText.Text(result.Name)) { IsFlexible = true },
        new("PATH", static result => result.Path),
        new("REASON", static result => result.Reason),
    ]);
}
