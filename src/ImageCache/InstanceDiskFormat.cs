namespace ImageCache;

/// <summary>What an instance disk is.</summary>
public enum InstanceDiskFormat
{
    /// <summary>A copy-on-write overlay over the base file: made at once, and the base file must stay.</summary>
    Qcow2,

    /// <summary>A copy that stands alone.</summary>
    Raw,
}
