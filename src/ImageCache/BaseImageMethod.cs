namespace ImageCache;

/// <summary>How a base image came into the cache.</summary>
public enum BaseImageMethod
{
    /// <summary>Through the Glance HTTP API.</summary>
    Download,

    /// <summary>Straight from Ceph.</summary>
    RbdExport,

    /// <summary>A link to an attached Cinder volume.</summary>
    VolumeLink,

    /// <summary>From a file:, http: or https: URI.</summary>
    Uri,

    /// <summary>Not by us: nova, or someone else.</summary>
    Foreign,
}
