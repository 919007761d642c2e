namespace ImageCache.Engine.Configuration;

/// <summary>What leaves the cache, and when: the settings of <c>Remove-UnusedBaseImage</c>.</summary>
public sealed record RetentionPolicy
{
    /// <summary>Whether maintenance removes unused base images (nova's remove_unused_base_images); who asks for it by name gets it all the same.</summary>
    public bool RemoveUnusedBaseImages { get; init; } = true;

    /// <summary>nova's age of unused base images, swap and ephemeral files.</summary>
    public TimeSpan OriginalMinimumAge { get; init; } = TimeSpan.FromDays(1);

    /// <summary>nova's age of unused base images that were resized in place.</summary>
    public TimeSpan ResizedMinimumAge { get; init; } = TimeSpan.FromHours(1);

    /// <summary>Our age of what is unused; <see langword="null"/> is nova's.</summary>
    public TimeSpan? MinimumAge { get; init; }

    /// <summary>The age of downloads, conversions and records that belong to nothing.</summary>
    public TimeSpan OrphanAge { get; init; } = TimeSpan.FromDays(1);

    /// <summary>The age of unused targets.</summary>
    public TimeSpan TargetAge { get; init; } = TimeSpan.FromDays(1);

    /// <summary>Whether unused base images are set aside before they are deleted.</summary>
    public bool Quarantine { get; init; }

    /// <summary>How long what was set aside is kept.</summary>
    public TimeSpan QuarantineGrace { get; init; } = TimeSpan.FromDays(7);

    /// <summary>Whether unused base images stay until room is needed.</summary>
    public bool WhenNeeded { get; init; }

    /// <summary>From which decayed count of uses on an unused image stays until room is needed; <see langword="null"/> counts none.</summary>
    public int? PopularScore { get; init; } = 10;

    /// <summary>Percent of the file system in use above which room is made; <see langword="null"/> never.</summary>
    public int? HighWatermark { get; init; }

    /// <summary>Percent of the file system in use at which enough room was made; <see langword="null"/> is the high one.</summary>
    public int? LowWatermark { get; init; }
}
