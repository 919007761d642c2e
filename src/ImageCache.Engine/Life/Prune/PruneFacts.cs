using ImageCache.Engine.Life.Critical;
using ImageCache.Engine.Life.Popularity;
using ImageCache.Engine.Life.Usage;

namespace ImageCache.Engine.Life.Prune;

/// <summary>All that a plan is made from.</summary>
internal sealed record PruneFacts
{
    public required IReadOnlyList<PruneFile> Files { get; init; }

    public required UsageReport Usage { get; init; }

    public required CriticalReading Critical { get; init; }

    public PopularityReading Popularity { get; init; } = PopularityReading.Empty;

    /// <summary>The names whose lock somebody holds, as far as it was looked up.</summary>
    public IReadOnlySet<string> Locked { get; init; } = new HashSet<string>();

    public required DateTimeOffset Now { get; init; }

    /// <summary>Bytes of the file system; nought when nobody could tell.</summary>
    public long Capacity { get; init; }

    /// <summary>Bytes free of it.</summary>
    public long Free { get; init; }

    /// <summary>Whether other hosts keep instances here too.</summary>
    public bool IsShared { get; init; }
}
