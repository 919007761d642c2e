namespace ImageCache.Engine.Requests;

/// <summary>What to look for in Glance. Everything given must hold.</summary>
public sealed record FindRequest
{
    /// <summary>A name, or a pattern with <c>*</c>, <c>?</c> and <c>[a-z]</c>; case does not matter.</summary>
    public string? Name { get; init; }

    /// <summary>Exact ids; empty means any.</summary>
    public IReadOnlyList<string> ImageIds { get; init; } = [];

    /// <summary>Tags that must all be there.</summary>
    public IReadOnlyList<string> Tags { get; init; } = [];

    /// <summary>The owner's project id.</summary>
    public string? Owner { get; init; }

    /// <summary>public, community, shared, private, or all.</summary>
    public string? Visibility { get; init; }

    /// <summary>Glance's status.</summary>
    public string? Status { get; init; }

    /// <summary>Properties (custom ones and Glance's own) that must have these values.</summary>
    public IReadOnlyDictionary<string, string> Properties { get; init; } = new Dictionary<string, string>();

    /// <summary>Whether nothing is asked for in particular, so that the answer is all there is to see.</summary>
    internal bool IsUnfiltered => this is { Name: null or "*", ImageIds.Count: 0, Tags.Count: 0, Owner: null, Visibility: null, Status: null, Properties.Count: 0 };
}
