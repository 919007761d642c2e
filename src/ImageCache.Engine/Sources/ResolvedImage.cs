using ImageCache.Engine.Formats;

namespace ImageCache.Engine.Sources;

/// <summary>An image, and who told of it.</summary>
/// <param name="Descriptor">The image.</param>
/// <param name="Origin">Who told of it.</param>
/// <param name="Uri">Where its bytes are, when no service has them.</param>
internal sealed record ResolvedImage(ImageDescriptor Descriptor, ImageOrigin Origin, Uri? Uri = null)
{
    public string Id => Descriptor.Id;

    /// <summary>What its bytes are said to be.</summary>
    public FormatClaim Claim => new(Id, Descriptor.DiskFormat, Descriptor.ContainerFormat);
}
