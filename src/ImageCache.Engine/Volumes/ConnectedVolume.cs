namespace ImageCache.Engine.Volumes;

/// <summary>A volume that this node is connected to. Holds no secret, and may be kept on disk.</summary>
internal sealed record ConnectedVolume
{
    /// <summary>The volume.</summary>
    public required string VolumeId { get; init; }

    public required ConnectedKind Kind { get; init; }

    /// <summary>The device or the file; <see langword="null"/> for <see cref="ConnectedKind.Rbd"/>.</summary>
    public string? Path { get; init; }

    /// <summary>os-brick's own words about the device, a JSON object: it wants them back to disconnect.</summary>
    public string? Device { get; init; }

    /// <summary>Where to read, for <see cref="ConnectedKind.Rbd"/>.</summary>
    public RbdVolume? Rbd { get; init; }
}
