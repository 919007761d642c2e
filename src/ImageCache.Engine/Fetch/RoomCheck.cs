using ImageCache.Engine.Configuration;
using ImageCache.Engine.Store;

namespace ImageCache.Engine.Fetch;

/// <summary>Refuses an image that has no room before any byte moves.</summary>
internal sealed class RoomCheck(ImageCacheConfiguration configuration, CacheReader cache, CacheFaults faults)
{
    /// <summary>Requires so many bytes, and what must stay free besides.</summary>
    public void Require(long bytes, string imageId)
    {
        long free = new DriveInfo(configuration.CachePath).AvailableFreeSpace;
        if (free - bytes < configuration.MinimumFree)
        {
            throw faults.Full(
                imageId, $"it needs {bytes} bytes, {free} are free, and {configuration.MinimumFree} must stay free (minimum_free)", null);
        }

        if (configuration.MaximumSize is { } cap)
        {
            long held = cache.All().Sum(static entry => entry.Status.Allocated);
            if (held + bytes > cap)
            {
                throw faults.Full(imageId, $"it needs {bytes} bytes, and the cache holds {held} of {cap} (maximum_size)", null);
            }
        }
    }
}
