namespace ImageCache;

/// <summary>How it stands with one critical image.</summary>
public enum CriticalStatus
{
    /// <summary>It is here, with all that was asked for.</summary>
    Present,

    /// <summary>It is not here.</summary>
    Missing,

    /// <summary>What lies in its place is not the image.</summary>
    Damaged,

    /// <summary>The base image is here; a target of a wanted size, or the signature that is required, is not.</summary>
    Incomplete,

    /// <summary>It is here, and Glance has other data or another image in its place by now.</summary>
    Stale,

    /// <summary>It is here, and deactivated in Glance.</summary>
    Deactivated,

    /// <summary>It is here, and Glance has it no more.</summary>
    GoneFromGlance,
}
