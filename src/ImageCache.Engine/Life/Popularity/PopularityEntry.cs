namespace ImageCache.Engine.Life.Popularity;

/// <summary>What is known of the uses of one image on this node. It outlives the base file, so that what was popular can be brought back.</summary>
internal sealed record PopularityEntry
{
    /// <summary>The name of the image's base file: known also where only nova knows the image.</summary>
    public required string BaseName { get; init; }

    /// <summary>The image's id; <see langword="null"/> until somebody tells it.</summary>
    public string? Id { get; init; }

    public string? Name { get; init; }

    /// <summary>The project that owns it.</summary>
    public string? Owner { get; init; }

    public string? Visibility { get; init; }

    /// <summary>Bytes of the image's data; where only the base file is known, the file's length.</summary>
    public long? Size { get; init; }

    /// <summary>The decayed count of uses as of <see cref="ScoredAt"/>: time alone changes nothing that is stored.</summary>
    public double Score { get; init; }

    public DateTimeOffset ScoredAt { get; init; }

    /// <summary>Every use that was ever noticed.</summary>
    public long TotalUses { get; init; }

    /// <summary>When it was last asked for, or last seen in use.</summary>
    public DateTimeOffset LastUsedAt { get; init; }

    /// <summary>The disks that the last scan saw on it, as <see cref="DiskMarks"/> packs them: the same disk is not counted twice.</summary>
    public byte[] Disks { get; init => field = value ?? []; } = [];
}
