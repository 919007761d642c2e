namespace ImageCache;

/// <summary>A base image of a cache: a file (or link) that instance disks are built on, and what is known of it.</summary>
public sealed record BaseImage
{
    /// <summary>The image's id; <see langword="null"/> where only nova knows it (the file's name is a hash of it).</summary>
    public string? Id { get; init; }

    /// <summary>The image's name, as the record has it.</summary>
    public string? Name { get; init; }

    /// <summary>The machine that answered.</summary>
    public required string Node { get; init; }

    /// <summary>The absolute path in the cache.</summary>
    public required string Path { get; init; }

    /// <summary>What it is worth at a glance.</summary>
    public required BaseImageState State { get; init; }

    /// <summary>How it came here.</summary>
    public required BaseImageMethod Method { get; init; }

    /// <summary>The format of the file in the cache, in Glance's words.</summary>
    public string? DiskFormat { get; init; }

    /// <summary>Bytes of the disk that an instance would see.</summary>
    public long? VirtualSize { get; init; }

    /// <summary>Length of the file in bytes.</summary>
    public long Size { get; init; }

    /// <summary>Bytes that the file occupies on its file system; holes cost nothing.</summary>
    public long AllocatedSize { get; init; }

    /// <summary>The digest of the source's data, <c>algorithm:hex</c>.</summary>
    public string? SourceDigest { get; init; }

    /// <summary>The digest of the file in the cache, <c>algorithm:hex</c>.</summary>
    public string? Digest { get; init; }

    /// <summary>What <see cref="SourceDigest"/> proves.</summary>
    public DigestStatus DigestStatus { get; init; } = DigestStatus.Unverifiable;

    /// <summary>The outcome of the signature check; <see langword="null"/> when nobody looked.</summary>
    public SignatureStatus? SignatureStatus { get; init; }

    /// <summary>Whether it must stay, with Glance down too.</summary>
    public bool IsCritical { get; init; }

    /// <summary>Whether some disk on this node has it in its backing chain; <see langword="null"/> when that was not looked up.</summary>
    public bool? InUse { get; init; }

    /// <summary>When it came here; for a foreign file, when it last changed.</summary>
    public DateTimeOffset? FetchedAt { get; init; }

    /// <summary>When it was last asked for, by us or by nova.</summary>
    public DateTimeOffset? LastUsedAt { get; init; }

    /// <summary>How often it was asked for since it came.</summary>
    public long UseCount { get; init; }

    /// <summary>From a fetch: whether it was here already.</summary>
    public bool? Hit { get; init; }

    /// <summary>From a fetch: bytes that travelled.</summary>
    public long? BytesTransferred { get; init; }

    /// <summary>From a fetch: how long it took.</summary>
    public TimeSpan? Duration { get; init; }
}
