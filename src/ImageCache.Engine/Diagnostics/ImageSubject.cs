namespace ImageCache.Engine.Diagnostics;

/// <summary>The image that a check is about.</summary>
/// <param name="Reference">As the user named it; <see langword="null"/> when the check is about the node alone.</param>
/// <param name="Image">Its record.</param>
/// <param name="Failure">Why there is no record.</param>
internal sealed record ImageSubject(string? Reference, ImageDescriptor? Image, ImageCacheException? Failure)
{
    public static ImageSubject None { get; } = new(null, null, null);

    public string? Id => Image?.Id ?? Reference;
}
