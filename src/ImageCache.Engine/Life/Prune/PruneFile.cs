using ImageCache.Engine.Store;

namespace ImageCache.Engine.Life.Prune;

/// <summary>One file as it was found: all that a plan goes by.</summary>
internal sealed record PruneFile
{
    /// <summary>The name in its directory.</summary>
    public required string Name { get; init; }

    public required PrunePlace Place { get; init; }

    public required string Path { get; init; }

    public required PruneKind Kind { get; init; }

    /// <summary>The base image that it is, or belongs to; <see langword="null"/> of what belongs to none.</summary>
    public string? BaseName { get; init; }

    public long Size { get; init; }

    public long Allocated { get; init; }

    /// <summary>From when its age counts: when it was last used for all that its time tells, or set aside.</summary>
    public DateTimeOffset Since { get; init; }

    /// <summary>The file itself; another one under the name has another.</summary>
    public FileFingerprint? Fingerprint { get; init; }

    /// <summary>Why nobody can tell what it is; it is kept then.</summary>
    public string? Problem { get; init; }

    /// <summary>Whether some process has it open, where that was looked up.</summary>
    public bool IsOpen { get; init; }

    public string? ImageId { get; init; }

    public string? ImageName { get; init; }

    /// <summary>How it came, where a record tells it.</summary>
    public BaseImageMethod? Method { get; init; }

    /// <summary>Bytes that would come again, where a record tells it.</summary>
    public long? SourceSize { get; init; }

    /// <summary>When it was last used, where a record tells it.</summary>
    public DateTimeOffset? LastUsedAt { get; init; }

    /// <summary>The name whose lock of nova's guards it: the base image's for all that belongs to one.</summary>
    public string LockName => Kind == PruneKind.LegacyResized ? Name : BaseName ?? Name;

    /// <summary>The name by which the scan of the disks tells of it.</summary>
    public string UsageName => Kind is PruneKind.BaseImage or PruneKind.Link or PruneKind.Quarantined or PruneKind.Record ? BaseName ?? Name : Name;

    /// <summary>Whether disks can be built on it.</summary>
    public bool MayHaveDisks => Kind is not (PruneKind.Part or PruneKind.Converted or PruneKind.Record);

    public bool IsBase => Kind is PruneKind.BaseImage or PruneKind.Link;
}
