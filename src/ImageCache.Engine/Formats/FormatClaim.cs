namespace ImageCache.Engine.Formats;

/// <summary>What an image is said to be.</summary>
/// <param name="Image">How messages name the image.</param>
/// <param name="DiskFormat">Glance's disk_format; <see langword="null"/> where nobody said, as with a URI.</param>
/// <param name="ContainerFormat">Glance's container_format, if there is one.</param>
internal sealed record FormatClaim(string Image, string? DiskFormat, string? ContainerFormat);
