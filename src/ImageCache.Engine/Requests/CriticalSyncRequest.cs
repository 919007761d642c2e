namespace ImageCache.Engine.Requests;

/// <summary>Which critical images to bring in order, and how far.</summary>
public sealed record CriticalSyncRequest
{
    /// <summary>Ids or names of critical images; without them all of them.</summary>
    public IReadOnlyList<string> Images { get; init; } = [];

    /// <summary>Read the files again and compare them with their digests.</summary>
    public bool Verify { get; init; }

    /// <summary>Bring what Glance has in place of an image now: beside the old file, or, under the same id, instead of one that no disk uses.</summary>
    public bool Update { get; init; }

    /// <summary>How many images are fetched at once; <see langword="null"/> takes the configuration's number.</summary>
    public int? ThrottleLimit { get; init; }
}
