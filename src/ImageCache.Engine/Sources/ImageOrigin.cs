namespace ImageCache.Engine.Sources;

/// <summary>Who told of an image.</summary>
internal enum ImageOrigin
{
    /// <summary>Glance, just now.</summary>
    Glance,

    /// <summary>The record in the cache, from the time of the fetch.</summary>
    Snapshot,

    /// <summary>The list of critical images, when Glance was found not to answer.</summary>
    Registered,

    /// <summary>The user, by URI and checksum.</summary>
    Uri,
}
