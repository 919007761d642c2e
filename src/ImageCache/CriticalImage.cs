namespace ImageCache;

/// <summary>An image that must be in the cache, with Glance down too.</summary>
public sealed record CriticalImage
{
    /// <summary>The image's id.</summary>
    public required string Id { get; init; }

    /// <summary>The image's name, as Glance last told it.</summary>
    public string? Name { get; init; }

    /// <summary>The machine that answered.</summary>
    public required string Node { get; init; }

    /// <summary>The absolute path of its base file, whether that is there or not.</summary>
    public required string Path { get; init; }

    /// <summary>How it stands with it. What Glance says is known after a synchronization that could ask only.</summary>
    public required CriticalStatus Status { get; init; }

    /// <summary>Why, and what could not be done; <see langword="null"/> when there is nothing to say.</summary>
    public string? Reason { get; init; }

    /// <summary>Whether a whole base file, or a link of ours, lies at <see cref="Path"/>.</summary>
    public bool IsCached { get; init; }

    /// <summary>What the digest of the source's data proves; <see langword="null"/> when no record tells.</summary>
    public DigestStatus? DigestStatus { get; init; }

    /// <summary>The outcome of the signature check; <see langword="null"/> when nobody looked.</summary>
    public SignatureStatus? SignatureStatus { get; init; }

    /// <summary>The disk sizes, in bytes, for which targets are kept ready.</summary>
    public IReadOnlyList<long> TargetSizes { get; init; } = [];

    /// <summary>Those of <see cref="TargetSizes"/> for which there is no target.</summary>
    public IReadOnlyList<long> MissingTargets { get; init; } = [];

    /// <summary>How it is fetched.</summary>
    public required FetchMethod Method { get; init; }

    /// <summary>Whether it must have a valid signature, whatever the configuration says.</summary>
    public bool RequireSignature { get; init; }

    /// <summary>Length of the data in bytes, as Glance last told it.</summary>
    public long? Size { get; init; }

    /// <summary>When it was registered.</summary>
    public required DateTimeOffset RegisteredAt { get; init; }

    /// <summary>When it was last found present, verified and as Glance has it, or made so.</summary>
    public DateTimeOffset? SyncedAt { get; init; }

    /// <summary>From a synchronization: whether Glance was asked about it and has the same; <see langword="null"/> when it could not be asked.</summary>
    public bool? IsFresh { get; init; }
}
