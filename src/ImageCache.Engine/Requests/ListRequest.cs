namespace ImageCache.Engine.Requests;

/// <summary>Which base images of the cache to tell of.</summary>
public sealed record ListRequest
{
    /// <summary>A name, or a pattern with <c>*</c>, <c>?</c> and <c>[a-z]</c>; case does not matter. Matches recorded names.</summary>
    public string? Name { get; init; }

    /// <summary>An image id, a recorded unique name, or the file's name; what is not there is an error.</summary>
    public string? Image { get; init; }

    /// <summary>Look up whether disks of this node use the images, too.</summary>
    public bool IncludeUse { get; init; } = true;
}
