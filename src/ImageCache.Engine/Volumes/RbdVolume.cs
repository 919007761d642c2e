namespace ImageCache.Engine.Volumes;

/// <summary>An RBD image that os-brick could open.</summary>
internal sealed record RbdVolume
{
    public required string Pool { get; init; }

    public required string Image { get; init; }

    /// <summary>The Ceph user, without <c>client.</c>.</summary>
    public required string User { get; init; }

    /// <summary>The cluster's name, by which its keyring is called.</summary>
    public required string Cluster { get; init; }

    /// <summary>The monitors, <c>host:port</c>.</summary>
    public required IReadOnlyList<string> Monitors { get; init; }

    /// <summary>Its bytes.</summary>
    public required long Size { get; init; }
}
