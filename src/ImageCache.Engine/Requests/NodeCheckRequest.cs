namespace ImageCache.Engine.Requests;

/// <summary>What to look at on this node.</summary>
public sealed record NodeCheckRequest
{
    /// <summary>Only this method, and what every method needs; <see langword="null"/> or Auto is every method.</summary>
    public FetchMethod? Method { get; init; }

    /// <summary>An image, by id or unique name, whose own needs are looked at, too. Glance is asked for its record.</summary>
    public string? Image { get; init; }

    /// <summary>Ask the services whether they answer.</summary>
    public bool Online { get; init; }
}
