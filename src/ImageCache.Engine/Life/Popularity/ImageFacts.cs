namespace ImageCache.Engine.Life.Popularity;

/// <summary>What tells an image of the statistic apart for people and for choices; what is not known is <see langword="null"/>.</summary>
internal sealed record ImageFacts(string? Id, string? Name, string? Owner, string? Visibility, long? Size)
{
    /// <summary>What an image's descriptor tells.</summary>
    public static ImageFacts Of(ImageDescriptor image) => new(image.Id, image.Name, image.Owner, image.Visibility, image.Size);
}
