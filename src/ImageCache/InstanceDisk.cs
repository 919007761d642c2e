namespace ImageCache;

/// <summary>A disk for an instance, made on a base image of the cache.</summary>
public sealed record InstanceDisk
{
    /// <summary>The image's id; <see langword="null"/> where only nova knows it (the base file's name is a hash of it).</summary>
    public string? ImageId { get; init; }

    /// <summary>The image's name, as the record has it.</summary>
    public string? Name { get; init; }

    /// <summary>The machine that answered.</summary>
    public required string Node { get; init; }

    /// <summary>The disk's absolute path.</summary>
    public required string Path { get; init; }

    /// <summary>What the disk is.</summary>
    public required InstanceDiskFormat Format { get; init; }

    /// <summary>Bytes of the disk that the instance sees.</summary>
    public long VirtualSize { get; init; }

    /// <summary>The file right below it; <see langword="null"/> for a copy, which stands alone.</summary>
    public string? BackingFile { get; init; }

    /// <summary>The format of <see cref="BackingFile"/>, in qemu's words.</summary>
    public string? BackingFormat { get; init; }

    /// <summary>The base file that it was made from.</summary>
    public required string Base { get; init; }

    /// <summary>The target between disk and base file, when one was asked for.</summary>
    public string? Target { get; init; }

    /// <summary>Length of the file in bytes.</summary>
    public long Size { get; init; }

    /// <summary>Bytes that the file occupies on its file system; after a reflink, also those that it shares.</summary>
    public long AllocatedSize { get; init; }

    /// <summary>How a raw disk got its data; <see langword="null"/> for an overlay, which has none yet.</summary>
    public DiskCopyMethod? CopyMethod { get; init; }

    /// <summary>When it was made.</summary>
    public DateTimeOffset CreatedAt { get; init; }
}
