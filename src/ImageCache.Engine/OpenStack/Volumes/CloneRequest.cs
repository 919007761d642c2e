namespace ImageCache.Engine.OpenStack.Volumes;

/// <summary>A volume to be made of another one, of its size and type. Both are in the caller's project.</summary>
/// <param name="SourceVolumeId">The volume to copy, which most stores do without copying bytes.</param>
/// <param name="Name">The new volume's name.</param>
/// <param name="Metadata">What the new volume is to carry; it finds the volume again. Values have at most 255 characters.</param>
internal sealed record CloneRequest(string SourceVolumeId, string Name, IReadOnlyDictionary<string, string> Metadata);
