using ImageCache.Engine.Fetch;
using ImageCache.Engine.Native.Posix;
using ImageCache.Engine.Store;

namespace ImageCache.Engine.Life;

/// <summary>Deletes a base file, or link, with its record and what its method keeps alive for it. The one place that does so.</summary>
internal sealed class BaseFileDeletion(CacheLayout layout, RecordStore records, MethodSelector methods, TimeProvider time)
{
    /// <summary>Deletes. The caller holds the file's lock and knows that it may go.</summary>
    public async Task RunAsync(CacheEntry entry, CancellationToken cancellationToken)
    {
        // The file first: a record alone is swept, a file alone would look like nova's. Then what a link led to: killed in between, the
        // initialization finds what is held without a link.
        using HeldDirectory cache = HeldDirectory.Open(layout);
        File.Delete(cache.PathOf(entry.BaseName));
        cache.Sync();
        await methods.RemoveAsync(entry.BaseName, cancellationToken).ConfigureAwait(false);
        if (entry.Reading.State == RecordState.Newer)
        {
            records.SetAside(entry.BaseName, time.GetUtcNow());
        }
        else
        {
            records.Delete(entry.BaseName);
        }

        Sync.Directory(layout.CachePath);
    }
}
