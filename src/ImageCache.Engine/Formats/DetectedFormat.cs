namespace ImageCache.Engine.Formats;

/// <summary>One format that an image has the marks of.</summary>
/// <param name="Format">The format.</param>
/// <param name="VirtualSize">Bytes of the disk that an instance would see, as far as the header tells.</param>
/// <param name="Subformat">A VMDK's create type.</param>
/// <param name="IsEncrypted">Whether the data need a key.</param>
/// <param name="Problems">Why the image must not be opened; one clause each, fit to follow "the image …".</param>
internal sealed record DetectedFormat(
    ImageFormat Format, long? VirtualSize, string? Subformat, bool IsEncrypted, IReadOnlyList<string> Problems);
