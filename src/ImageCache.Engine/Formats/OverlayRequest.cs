namespace ImageCache.Engine.Formats;

/// <summary>A qcow2 disk to be made over another file.</summary>
/// <param name="Image">How messages name the image.</param>
/// <param name="Path">The disk's absolute path.</param>
/// <param name="BackingFile">The absolute path of the file below it.</param>
/// <param name="BackingFormat">qemu's word for that file's format.</param>
internal sealed record OverlayRequest(string Image, string Path, string BackingFile, string BackingFormat)
{
    /// <summary>Bytes of a cluster; <see langword="null"/> leaves it to qemu-img.</summary>
    public long? ClusterSize { get; init; }

    /// <summary>Bytes of the disk; <see langword="null"/> is what the file below has.</summary>
    public long? Size { get; init; }
}
