namespace ImageCache.Engine.Store;

/// <summary>Where a base file that is a link leads, and to what.</summary>
/// <param name="Target">The file that shows the image; the link must lead there, and nowhere else.</param>
/// <param name="VolumeId">The Cinder volume.</param>
/// <param name="AttachmentId">This node's attachment of it.</param>
/// <param name="Device">The device or file below the view; <see langword="null"/> when there is none on this node (rbd without the kernel's driver).</param>
/// <param name="ClonedFrom">The image's volume, where the volume is a copy of it that is this node's own.</param>
internal sealed record RecordedLink(string Target, string VolumeId, string AttachmentId, string? Device, string? ClonedFrom = null);
