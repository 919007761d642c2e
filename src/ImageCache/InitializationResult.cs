namespace ImageCache;

/// <summary>What <c>Initialize-ImageCache</c> did about one thing.</summary>
public sealed record InitializationResult
{
    /// <summary>The image's id, where it is known.</summary>
    public string? Id { get; init; }

    /// <summary>The image's name, where it is known.</summary>
    public string? Name { get; init; }

    /// <summary>The machine that answered.</summary>
    public required string Node { get; init; }

    /// <summary>The path that it is about.</summary>
    public required string Path { get; init; }

    /// <summary>What was done.</summary>
    public required InitializationAction Action { get; init; }

    /// <summary>Why.</summary>
    public required string Reason { get; init; }
}
