using System.Text.Json.Serialization;

namespace ImageCache;

/// <summary>What <c>Remove-UnusedBaseImage</c> decided about one file of a cache, and why.</summary>
public sealed record PruneDecision
{
    /// <summary>The absolute path.</summary>
    public required string Path { get; init; }

    /// <summary>The image's id, where a record tells it.</summary>
    public string? ImageId { get; init; }

    /// <summary>The image's name, where a record tells it.</summary>
    public string? Name { get; init; }

    /// <summary>The machine that decided.</summary>
    public required string Node { get; init; }

    /// <summary>What the file is.</summary>
    public required PruneKind Kind { get; init; }

    /// <summary>Length in bytes.</summary>
    public long Size { get; init; }

    /// <summary>Bytes that it takes on the disk, which is what removing it gives back.</summary>
    public long AllocatedSize { get; init; }

    /// <summary>How long it has been unused for all that its time tells; of what was set aside, how long ago that was.</summary>
    public TimeSpan Age { get; init; }

    /// <summary>What is done.</summary>
    public required PruneAction Action { get; init; }

    /// <summary>Why.</summary>
    public required string Reason { get; init; }

    /// <summary>The disks that have it in their backing chains, and those that could not be read and may have.</summary>
    public IReadOnlyList<string> UsedBy { get; init; } = [];

    /// <summary>The base image as it was when this was decided; only where that was asked for, and of nothing but base images.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public BaseImage? Image { get; init; }

    /// <summary>Whether it has been done; of a plan, not yet.</summary>
    public bool Done { get; init; }

    /// <summary>Why it could not be done; <see langword="null"/> when nothing went wrong.</summary>
    public string? Error { get; init; }
}
