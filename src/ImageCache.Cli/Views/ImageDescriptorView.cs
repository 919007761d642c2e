using ImageCache.Cli.Output;

namespace ImageCache.Cli.Views;

/// <summary>Images of Glance, as <c>find</c> shows them.</summary>
internal static class ImageDescriptorView
{
    public static TableView<ImageDescriptor> Table { get; } = new(
    [
        new("NAME", static image => HumanText.Text(image.Name)) { IsFlexible = true },
        new("ID", static image => image.Id),
        new("STATUS", static image => image.Status),
        new("VISIBILITY", static image => HumanText.Text(image.Visibility)),
        new("FORMAT", static image => HumanText.Text(image.DiskFormat)),
        new("SIZE", static image => HumanText.Size(image.Size)) { IsNumber = true },
        new("CACHED", static image => HumanText.Flag(image.IsCached)),
        new("SIGNED", static image => HumanText.Flag(image.IsSigned)),
        new("AGE", static image => HumanText.Age(image.CreatedAt, DateTimeOffset.UtcNow)) { IsNumber = true },
    ]);
}
