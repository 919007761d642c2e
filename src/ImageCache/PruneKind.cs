namespace ImageCache;

/// <summary>What a file in a cache is.</summary>
public enum PruneKind
{
    /// <summary>Nothing that is known; it is never removed.</summary>
    Unknown,

    /// <summary>A base image.</summary>
    BaseImage,

    /// <summary>A base image that is a link to the volume that holds it.</summary>
    Link,

    /// <summary>A base image resized in place, as old versions of nova made them.</summary>
    LegacyResized,

    /// <summary>A disk on a base image that disks of one size share.</summary>
    Target,

    /// <summary>nova's template of swap disks of one size.</summary>
    Swap,

    /// <summary>nova's template of ephemeral disks of one size and format.</summary>
    Ephemeral,

    /// <summary>A download of nova's; one that nobody writes any more is never cleaned by nova.</summary>
    Part,

    /// <summary>A conversion of nova's; one that nobody writes any more is never cleaned by nova.</summary>
    Converted,

    /// <summary>What was set aside.</summary>
    Quarantined,

    /// <summary>A record without its file.</summary>
    Record,
}
