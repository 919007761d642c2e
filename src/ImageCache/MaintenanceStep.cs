namespace ImageCache;

/// <summary>The parts of maintenance, in the order in which they are done.</summary>
public enum MaintenanceStep
{
    /// <summary>The cache is put in order, as after a restart.</summary>
    Initialize,

    /// <summary>The disks of this node are looked through for the base files that they use.</summary>
    Scan,

    /// <summary>Critical images are kept present and fresh.</summary>
    Critical,

    /// <summary>The most popular images are fetched.</summary>
    Precache,

    /// <summary>What is unused, old or over the cap is removed.</summary>
    Prune,

    /// <summary>Files that were not proved for long are read again, and damaged ones repaired.</summary>
    Verify,
}
