using ImageCache.Engine.Configuration;

namespace ImageCache.Engine.Requests;

/// <summary>An instance disk to be made on a cached base image.</summary>
public sealed record DiskRequest
{
    /// <summary>An image id, a recorded unique name, or the base file's name.</summary>
    public required string Image { get; init; }

    /// <summary>Where the disk shall be; <see langword="null"/> when <see cref="InstanceId"/> says.</summary>
    public string? Path { get; init; }

    /// <summary>The instance whose disk it is: the disk is called as nova calls it, <c>&lt;instances_path&gt;/&lt;id&gt;/disk</c>.</summary>
    public string? InstanceId { get; init; }

    /// <summary>Bytes of the disk; <see langword="null"/> or 0 is what the image has.</summary>
    public long? Size { get; init; }

    /// <summary>A flavor of the cloud, by name or id, whose root disk says the size; the compute service is asked.</summary>
    public string? Flavor { get; init; }

    /// <summary>What the disk shall be.</summary>
    public InstanceDiskFormat Format { get; init; }

    /// <summary>Put a target of the disk's size between disk and base file, which later disks of this size share.</summary>
    public bool UseTarget { get; init; }

    /// <summary>Refuse a base image without a valid signature.</summary>
    public bool RequireSignature { get; init; }

    /// <summary>Replace a file that is there and not in use.</summary>
    public bool Force { get; init; }

    /// <summary>Make the directory when it is missing.</summary>
    public bool CreateDirectory { get; init; }

    /// <summary>Reads a size as the configuration writes sizes: bytes, or a number with a unit.</summary>
    /// <returns><see langword="null"/> when it is none.</returns>
    public static long? ParseSize(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return ByteSize.TryParse(text, out long bytes) ? bytes : null;
    }
}
