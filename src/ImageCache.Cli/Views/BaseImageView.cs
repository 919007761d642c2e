using ImageCache.Cli.Output;

namespace ImageCache.Cli.Views;

/// <summary>Base images, as <c>list</c> and <c>remove</c> show them.</summary>
internal static class BaseImageView
{
    public static TableView<BaseImage> Table { get; } = new(
    [
        new("NAME", static image => HumanText.Text(image.Name)) { IsFlexible = true },
        new("ID", IdOrFile),
        new("STATE", static image => image.State.ToString()),
        new("METHOD", static image => image.Method.ToString()),
        new("FORMAT", static image => HumanText.Text(image.DiskFormat)),
        new("VIRTUAL", static image => HumanText.Size(image.VirtualSize)) { IsNumber = true },
        new("ON DISK", static image => HumanText.Size(image.AllocatedSize)) { IsNumber = true },
        new("IN USE", static image => HumanText.Flag(image.InUse)),
        new("AGE", static image => HumanText.Age(image.FetchedAt, DateTimeOffset.UtcNow)) { IsNumber = true },
    ]);

    /// <summary>What only nova knows has no id; its file's name is what can be asked for.</summary>
    public static string IdOrFile(BaseImage image) => image.Id ?? Path.GetFileName(image.Path);
}
