namespace ImageCache.Engine.Requests;

/// <summary>A signature to be judged: of an image, or of a file by given properties or by those of an image.</summary>
public sealed record SignatureRequest
{
    /// <summary>An image id, a unique name, or the name of a file in the cache.</summary>
    public string? Image { get; init; }

    /// <summary>The file whose bytes are judged; <see langword="null"/> judges the image's own.</summary>
    public string? Path { get; init; }

    /// <summary>The <c>img_signature*</c> properties for <see cref="Path"/>; <see langword="null"/> takes those of <see cref="Image"/>.</summary>
    public IReadOnlyDictionary<string, string>? Properties { get; init; }

    /// <summary>What to call the request in messages.</summary>
    public string Subject => Path ?? Image ?? "(nothing)";
}
