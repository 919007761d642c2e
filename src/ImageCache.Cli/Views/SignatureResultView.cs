using ImageCache.Cli.Output;

namespace ImageCache.Cli.Views;

/// <summary>Judged signatures, as <c>signature</c> shows them.</summary>
internal static class SignatureResultView
{
    public static TableView<SignatureResult> Table { get; } = new(
    [
        new("IMAGE", static result => result.ImageId ?? HumanText.Text(result.Path)),
        new("STATUS", static result => result.Status.ToString()),
        new("KEY TYPE", static result => HumanText.Text(result.KeyType)),
        new("HASH", static result => HumanText.Text(result.HashMethod)),
        new("SIGNED BY", static result => HumanText.Text(result.Certificate?.Subject)),
        new("REASON", static result => HumanText.Text(result.Reason)) { IsFlexible = true },
    ]);
}
