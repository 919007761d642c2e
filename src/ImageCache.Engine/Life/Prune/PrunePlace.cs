namespace ImageCache.Engine.Life.Prune;

/// <summary>The directories of a cache in which things are pruned.</summary>
internal enum PrunePlace
{
    /// <summary>nova's <c>_base</c>.</summary>
    Base,

    /// <summary>Our targets.</summary>
    Targets,

    /// <summary>What was set aside.</summary>
    Quarantine,

    /// <summary>The records.</summary>
    Records,
}
