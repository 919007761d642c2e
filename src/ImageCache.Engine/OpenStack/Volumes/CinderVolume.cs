using System.Globalization;

namespace ImageCache.Engine.OpenStack.Volumes;

/// <summary>A volume as Cinder tells of it. Source: Block Storage API v3, "Show a volume's details".</summary>
internal sealed record CinderVolume
{
    /// <summary>Being made.</summary>
    public const string Creating = "creating";

    /// <summary>Ready to be attached.</summary>
    public const string Available = "available";

    /// <summary>Attached, by somebody.</summary>
    public const string InUse = "in-use";

    /// <summary>What Glance's cinder store writes into a volume's metadata: the bytes that are the image's.</summary>
    public const string ImageSizeKey = "image_size";

    public required string Id { get; init; }

    public required string Status { get; init; }

    public string? Name { get; init; }

    /// <summary>Its size in whole GiB, as Cinder counts.</summary>
    public required int Gibibytes { get; init; }

    /// <summary>Its size in bytes.</summary>
    public long Size => (long)Gibibytes << 30;

    /// <summary>Whether several nodes may attach it at once.</summary>
    public bool IsMultiattach { get; init; }

    /// <summary>Whether the device holds ciphertext.</summary>
    public bool IsEncrypted { get; init; }

    public string? VolumeType { get; init; }

    /// <summary>The project that it belongs to, where this user may know.</summary>
    public string? ProjectId { get; init; }

    public IReadOnlyDictionary<string, string> Metadata { get; init; } = new Dictionary<string, string>();

    /// <summary>The completed attachments.</summary>
    public IReadOnlyList<VolumeUse> Uses { get; init; } = [];

    /// <summary>The bytes that are the image's, if Glance's cinder store told, and if they fit in.</summary>
    public long? ImageSize
        => Metadata.TryGetValue(ImageSizeKey, out string? text)
            && long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long size) && size <= Size
            ? size
            : null;

    /// <summary>Whether it is in a state that no waiting improves.</summary>
    public bool HasFailed => Status.StartsWith("error", StringComparison.Ordinal);
}
