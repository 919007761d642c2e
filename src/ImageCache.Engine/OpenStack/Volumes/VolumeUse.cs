namespace ImageCache.Engine.OpenStack.Volumes;

/// <summary>A completed attachment, as its volume tells of it.</summary>
/// <param name="AttachmentId">The attachment.</param>
/// <param name="InstanceId">The instance, or whatever else the one who attached named so.</param>
/// <param name="Device">The mount point of the connector that it was attached with; <see cref="AttachmentMark"/> stands here.</param>
/// <param name="HostName">The node, where this user may know (administrators only).</param>
internal sealed record VolumeUse(string AttachmentId, string? InstanceId, string? Device, string? HostName);
