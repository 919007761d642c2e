namespace ImageCache;

/// <summary>What a base image is worth at a glance.</summary>
public enum BaseImageState
{
    /// <summary>A complete file with a record.</summary>
    Ready,

    /// <summary>A link to an attached volume, with a record.</summary>
    Linked,

    /// <summary>A file that no record tells of: nova's own, or somebody's.</summary>
    Unrecorded,

    /// <summary>The file is missing, or is not what its record says.</summary>
    Damaged,

    /// <summary>Set aside; no instance starts from it.</summary>
    Quarantined,
}
