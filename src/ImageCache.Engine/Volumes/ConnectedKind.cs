namespace ImageCache.Engine.Volumes;

/// <summary>What a connected volume is on this node.</summary>
internal enum ConnectedKind
{
    /// <summary>A block device, read-only in the kernel.</summary>
    Block,

    /// <summary>A file on a share that is mounted read-only.</summary>
    File,

    /// <summary>An RBD image without a device: librbd reads it.</summary>
    Rbd,
}
