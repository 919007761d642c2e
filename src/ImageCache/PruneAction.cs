namespace ImageCache;

/// <summary>What is decided about one file of a cache.</summary>
public enum PruneAction
{
    /// <summary>It stays.</summary>
    Keep,

    /// <summary>It is deleted.</summary>
    Remove,

    /// <summary>It is set aside, to come back in an instant if it is wanted within the grace period, and is deleted after that.</summary>
    Quarantine,
}
