using ImageCache.Cli.Output;

namespace ImageCache.Cli.Views;

/// <summary>Base images, as <c>fetch</c> shows them.</summary>
internal static class FetchedImageView
{
    public static TableView<BaseImage> Table { get; } = new(
    [
        new("NAME", static image => HumanText.Text(image.Name)) { IsFlexible = true },
        new("ID", BaseImageView.IdOrFile),
        new("RESULT", static image => image.Hit == true ? "hit" : "fetched"),
        new("METHOD", static image => image.Method.ToString()),
        new("DIGEST", static image => image.DigestStatus.ToString()),
        new("SIGNATURE", static image => HumanText.Text(image.SignatureStatus?.ToString())),
        new("MOVED", static image => HumanText.Size(image.BytesTransferred)) { IsNumber = true },
        new("TIME", static image => HumanText.Duration(image.Duration)) { IsNumber = true },
        new("PATH", static image => image.Path),
    ]);
}
