namespace ImageCache.Module.Binding;

/// <summary>What a completion tells of an image: name, status and size.</summary>
internal static class ImageToolTip
{
    public static string For(ImageDescriptor image)
        => string.Join(", ", new[] { image.Name ?? image.Id, image.Status, DisplayText.Size(image.Size) }.Where(static part => part.Length > 0));
}
