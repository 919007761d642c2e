namespace ImageCache.Engine.Formats;

/// <summary>The incompatible features of a qcow2 header. Source: QEMU, docs/interop/qcow2.</summary>
[Flags]
internal enum Qcow2Features : ulong
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>Reference counts may be stale.</summary>
    Dirty = 1,

    /// <summary>The metadata are known to be damaged.</summary>
    Corrupt = 2,

    /// <summary>The data lie in another file.</summary>
    ExternalDataFile = 4,

    /// <summary>Compressed clusters are not zlib's.</summary>
    CompressionType = 8,

    /// <summary>L2 entries have subclusters.</summary>
    ExtendedL2 = 16,
}
