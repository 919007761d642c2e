namespace ImageCache.Engine.Requests;

/// <summary>Whose popularity to tell.</summary>
public sealed record PopularityRequest
{
    /// <summary>Only so many, the most popular; <see langword="null"/> is all.</summary>
    public int? First { get; init; }

    /// <summary>Ids of the projects that own the images; empty is every project.</summary>
    public IReadOnlyList<string> Owners { get; init; } = [];

    /// <summary>Look which disks are there now; without it, what was seen last counts.</summary>
    public bool Scan { get; init; } = true;

    /// <summary>What other nodes told, to be summed with this one's.</summary>
    public IReadOnlyList<ImagePopularity> Imported { get; init; } = [];
}
