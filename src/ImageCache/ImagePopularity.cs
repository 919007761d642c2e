namespace ImageCache;

/// <summary>How often and how lately an image is used, on one node or summed over several. Measured without a service.</summary>
public sealed record ImagePopularity
{
    /// <summary>The place among the images that were asked for; the first is 1.</summary>
    public int Rank { get; init; }

    /// <summary>The image's id; <see langword="null"/> where only nova knows it.</summary>
    public string? Id { get; init; }

    /// <summary>The image's name.</summary>
    public string? Name { get; init; }

    /// <summary>The project that owns it.</summary>
    public string? Owner { get; init; }

    /// <summary>Who may see it, in Glance's words.</summary>
    public string? Visibility { get; init; }

    /// <summary>The machine that was looked at; <see langword="null"/> for a sum over several.</summary>
    public string? Node { get; init; }

    /// <summary>How many machines are summed.</summary>
    public int Nodes { get; init; } = 1;

    /// <summary>The count of uses, in which each counts half after every half-life.</summary>
    public double Score { get; init; }

    /// <summary>How many disks are on it now; without a scan, as the last one saw it.</summary>
    public long Uses { get; init; }

    /// <summary>Every use that was ever noticed: requests for the image, and disks on it.</summary>
    public long TotalUses { get; init; }

    /// <summary>When it was last asked for, or last seen in use.</summary>
    public DateTimeOffset? LastUsedAt { get; init; }

    /// <summary>Whether this node's cache holds it.</summary>
    public bool IsCached { get; init; }

    /// <summary>Bytes of the image's data; where only the base file is known, the file's length.</summary>
    public long? Size { get; init; }

    /// <summary>The name of its base file, which is the SHA-1 of its id.</summary>
    public required string BaseName { get; init; }

    /// <summary>The moment that <see cref="Score"/> is of.</summary>
    public DateTimeOffset? MeasuredAt { get; init; }
}
