using ImageCache.Engine.Configuration;

namespace ImageCache.Engine.Life.Prune;

/// <summary>What leaves the cache, and when.</summary>
/// <param name="Retention">The ages and ways.</param>
/// <param name="MaximumSize">Bytes that all files may take together; <see langword="null"/> sets no limit.</param>
internal sealed record PrunePolicy(RetentionPolicy Retention, long? MaximumSize)
{
    public static PrunePolicy From(ImageCacheConfiguration configuration) => new(configuration.Retention, configuration.MaximumSize);

    /// <summary>How old a file must be to be removed.</summary>
    /// <param name="kind">What it is.</param>
    /// <param name="isShared">Whether other hosts use it too: ours may be below theirs, so that nova's age is the least.</param>
    public TimeSpan AgeOf(PruneKind kind, bool isShared) => kind switch
    {
        PruneKind.Part or PruneKind.Converted or PruneKind.Record => Retention.OrphanAge,
        PruneKind.Target => Retention.TargetAge,
        PruneKind.Quarantined => Retention.QuarantineGrace,
        PruneKind.LegacyResized => Own(Retention.ResizedMinimumAge, isShared),
        _ => Own(Retention.OriginalMinimumAge, isShared),
    };

    private TimeSpan Own(TimeSpan nova, bool isShared)
        => Retention.MinimumAge is not { } own ? nova : isShared && own < nova ? nova : own;
}
