namespace ImageCache.Engine.Life.Disks;

/// <summary>Whether a target can be used.</summary>
internal enum TargetState
{
    /// <summary>There is none.</summary>
    Missing,

    /// <summary>It fits its base file.</summary>
    Usable,

    /// <summary>It is on other data, or is not the one that was made.</summary>
    Stale,
}
