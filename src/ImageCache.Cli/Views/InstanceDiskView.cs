using ImageCache.Cli.Output;

namespace ImageCache.Cli.Views;

/// <summary>Disks, as <c>disk create</c> shows them.</summary>
internal static class InstanceDiskView
{
    public static TableView<InstanceDisk> Table { get; } = new(
    [
        new("PATH", static disk => disk.Path),
        new("IMAGE", static disk => HumanText.Text(disk.Name ?? disk.ImageId)) { IsFlexible = true },
        new("FORMAT", Format),
        new("VIRTUAL", static disk => HumanText.Size(disk.VirtualSize)) { IsNumber = true },
        new("ON DISK", static disk => HumanText.Size(disk.AllocatedSize)) { IsNumber = true },
        new("BACKING FILE", static disk => HumanText.Text(disk.BackingFile)),
    ]);

    private static string Format(InstanceDisk disk)
        => disk.CopyMethod is { } method ? $"{DiskWord(disk.Format)}, {method.ToString().ToLowerInvariant()}" : DiskWord(disk.Format);

    private static string DiskWord(InstanceDiskFormat format) => format.ToString().ToLowerInvariant();
}
