namespace ImageCache;

/// <summary>How a base image is to be prepared.</summary>
public enum FetchMethod
{
    /// <summary>The first that applies of VolumeLink, RbdExport and Download; a fall-back is told with its reason.</summary>
    Auto,

    /// <summary>Through the Glance HTTP API.</summary>
    Download,

    /// <summary>The Cinder volume behind the image is attached and linked; nothing is copied.</summary>
    VolumeLink,

    /// <summary>Straight from Ceph.</summary>
    RbdExport,
}
