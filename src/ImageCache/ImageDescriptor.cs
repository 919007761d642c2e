namespace ImageCache;

/// <summary>What an image is, as Glance (or a URI) tells it. Source of the fields: Glance's Images API v2, "show image".</summary>
// What a JSON document does not say is set to null by the code that is generated to read it, so setters know the defaults as well.
public sealed record ImageDescriptor
{
    /// <summary>The image's id, exactly as the service wrote it: nova hashes this string.</summary>
    public required string Id { get; init; }

    /// <summary>The name; not unique, and may be missing.</summary>
    public string? Name { get; init; }

    /// <summary>Glance's status; only <c>active</c> can be fetched.</summary>
    public string Status { get; init => field = value ?? "active"; } = "active";

    /// <summary>public, community, shared or private.</summary>
    public string? Visibility { get; init; }

    /// <summary>The id of the project that owns the image.</summary>
    public string? Owner { get; init; }

    /// <summary>Glance's disk_format: raw, qcow2, vmdk, vhd, vhdx, vdi, iso, ploop, ami, ari, aki.</summary>
    public string? DiskFormat { get; init; }

    /// <summary>Glance's container_format.</summary>
    public string? ContainerFormat { get; init; }

    /// <summary>Bytes of the image's data.</summary>
    public long? Size { get; init; }

    /// <summary>Bytes of the disk that an instance would see.</summary>
    public long? VirtualSize { get; init; }

    /// <summary>The smallest disk, in GiB, that the image may be put on.</summary>
    public int MinDisk { get; init; }

    /// <summary>MD5 of the data, 32 hex digits.</summary>
    public string? Checksum { get; init; }

    /// <summary>The algorithm of <see cref="HashValue"/>, as Glance names it (os_hash_algo).</summary>
    public string? HashAlgorithm { get; init; }

    /// <summary>The digest of the data in hex (os_hash_value).</summary>
    public string? HashValue { get; init; }

    /// <summary>When the image was made.</summary>
    public DateTimeOffset? CreatedAt { get; init; }

    /// <summary>When its metadata last changed.</summary>
    public DateTimeOffset? UpdatedAt { get; init; }

    /// <summary>Its tags.</summary>
    public IReadOnlyList<string> Tags { get; init => field = value ?? []; } = [];

    /// <summary>Custom properties; all values are text.</summary>
    public IReadOnlyDictionary<string, string> Properties { get; init => field = value ?? new Dictionary<string, string>(); } = new Dictionary<string, string>();

    /// <summary>Where the data lie (<c>direct_url</c> and <c>locations</c>), with user information and queries removed.</summary>
    public IReadOnlyList<string> Locations { get; init => field = value ?? []; } = [];

    /// <summary>Whether any of the four <c>img_signature*</c> properties is there.</summary>
    public bool IsSigned { get; init; }

    /// <summary>Whether the cache that was asked holds it.</summary>
    public bool IsCached { get; init; }
}
