using ImageCache.Engine.Native.Posix;
using ImageCache.Engine.Store;

namespace ImageCache.Engine.Fetch;

/// <summary>Judges a link of ours that lies under an image's name. The caller holds the base file's lock.</summary>
internal sealed class PresentLink(CacheLayout layout, RecordStore records, MethodSelector methods)
{
    /// <summary>Sees to it that the link can be read: what was verified when it was made is behind it still.</summary>
    /// <returns>Its record; <see langword="null"/> when it cannot be brought back.</returns>
    public async Task<ImageRecord?> TryReviveAsync(CacheEntry entry, FetchStep step, CancellationToken cancellationToken)
    {
        if (await methods.IsAliveAsync(entry, cancellationToken).ConfigureAwait(false))
        {
            return entry.Record;
        }

        try
        {
            return await methods.ReviveAsync(entry, cancellationToken).ConfigureAwait(false);
        }
        catch (ImageCacheException e)
        {
            step.Monitor.Warn($"'{entry.Path}' is a link whose volume cannot be reached, and is fetched again: {e.Message}");
            return null;
        }
    }

    /// <summary>Removes the link, lets its volume go, and forgets both.</summary>
    /// <exception cref="BusyException">Disks have it in their chains.</exception>
    /// <exception cref="UnavailableException">The volume could not be let go.</exception>
    public async Task RemoveAsync(CacheEntry entry, IReadOnlyList<string> users, CancellationToken cancellationToken)
    {
        if (users.Count > 0)
        {
            throw new BusyException(
                ErrorIds.ImageInUse,
                $"'{entry.Path}' is a link that cannot be replaced: disks have it in their chains ({string.Join(", ", users)}).",
                entry.Record?.Id,
                "Shut down or rebuild the instances that use it, then fetch again.");
        }

        File.Delete(entry.Path);
        Sync.Directory(layout.CachePath);
        await methods.RemoveAsync(entry.BaseName, cancellationToken).ConfigureAwait(false);
        records.Delete(entry.BaseName);
    }
}
