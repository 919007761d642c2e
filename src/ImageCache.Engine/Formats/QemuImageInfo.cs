namespace ImageCache.Engine.Formats;

/// <summary>What <c>qemu-img info</c> tells of an image.</summary>
internal sealed record QemuImageInfo
{
    /// <summary>The format, in qemu's words.</summary>
    public required string Format { get; init; }

    /// <summary>Bytes of the disk.</summary>
    public required long VirtualSize { get; init; }

    /// <summary>Bytes that the file occupies.</summary>
    public long? ActualSize { get; init; }

    /// <summary>Bytes of a cluster, where the format has clusters.</summary>
    public long? ClusterSize { get; init; }

    /// <summary>The backing file that it names.</summary>
    public string? BackingFile { get; init; }

    /// <summary>The format that the backing file is to be opened with.</summary>
    public string? BackingFormat { get; init; }

    /// <summary>The external data file that it names.</summary>
    public string? DataFile { get; init; }

    /// <summary>A VMDK's create type.</summary>
    public string? CreateType { get; init; }

    /// <summary>Whether the data need a key.</summary>
    public bool IsEncrypted { get; init; }

    /// <summary>Whether it is marked as corrupt.</summary>
    public bool IsCorrupt { get; init; }
}
