namespace ImageCache;

/// <summary>What <c>Test-ImageCacheNode</c> found out about one thing that is needed to prepare base images.</summary>
public sealed record NodeCheckResult
{
    /// <summary>The machine that answered.</summary>
    public required string Node { get; init; }

    /// <summary>The method that needs it; <see langword="null"/> when every method does.</summary>
    public FetchMethod? Method { get; init; }

    /// <summary>What is needed: a short name that stays the same.</summary>
    public required string Need { get; init; }

    /// <summary>What is needed, in a sentence.</summary>
    public required string Description { get; init; }

    /// <summary>What was found.</summary>
    public required NodeCheckStatus Status { get; init; }

    /// <summary>Whether nothing works without it; else it is good to have, or good to know.</summary>
    public bool IsRequired { get; init; } = true;

    /// <summary>What was found, in words; always there unless it passes.</summary>
    public string? Reason { get; init; }

    /// <summary>What to do about it, if there is something.</summary>
    public string? NextStep { get; init; }

    /// <summary>The image that it is about; <see langword="null"/> when it is about the node.</summary>
    public string? ImageId { get; init; }
}
