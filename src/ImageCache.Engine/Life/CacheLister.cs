using System.Runtime.CompilerServices;
using ImageCache.Engine.Life.Usage;
using ImageCache.Engine.Requests;
using ImageCache.Engine.Store;

namespace ImageCache.Engine.Life;

/// <summary>Tells what a cache holds, as the directory is read: nothing waits for the last file, and no service is asked.</summary>
internal sealed class CacheLister(CacheDirectory directory, CacheReader cache, UsageScanner usage, BaseImageView view)
{
    // Enough entries to look at side by side; the order is the directory's.
    private const int Window = 256;

    public async IAsyncEnumerable<BaseImage> ListAsync(
        ListRequest request, OperationMonitor monitor, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        directory.RequireReadable();
        IEnumerable<CacheEntry> entries = directory.Guard(request.Image is { } reference ? Resolve(reference) : cache.All());
        NamePattern? pattern = request.Name is { } name ? new NamePattern(name) : null;
        UsageReport? used = request.IncludeUse ? await Task.Run(() => usage.Scan(cancellationToken), cancellationToken).ConfigureAwait(false) : null;
        foreach (CacheEntry[] window in entries.Chunk(Window))
        {
            cancellationToken.ThrowIfCancellationRequested();
            foreach (BaseImage image in window.AsParallel().AsOrdered().WithCancellation(cancellationToken).Select(entry => Show(entry, used, monitor)))
            {
                if (pattern?.Matches(image.Name) != false)
                {
                    yield return image;
                }
            }
        }
    }

    /// <summary>Finds the one image that a user means.</summary>
    /// <exception cref="NotFoundException">It is not here.</exception>
    /// <exception cref="InvalidInputException">Several have this name.</exception>
    public CacheEntry RequireOne(string reference)
    {
        IReadOnlyList<CacheEntry> found = Resolve(reference);
        return found.Count == 1
            ? found[0]
            : throw new InvalidInputException(
                ErrorIds.AmbiguousImage,
                $"Several images of the cache are named '{reference}': {string.Join(", ", found.Select(static entry => entry.Record?.Id ?? entry.BaseName))}.",
                reference,
                "Name the one you mean by its id.");
    }

    private IReadOnlyList<CacheEntry> Resolve(string reference)
    {
        IReadOnlyList<CacheEntry> found = cache.Resolve(reference);
        return found.Count > 0
            ? found
            : throw new NotFoundException(
                ErrorIds.ImageNotCached,
                $"The cache '{directory.Layout.CachePath}' does not hold the image '{reference}'.",
                reference,
                "'imagecache list' (Get-BaseImage) shows what it holds; 'imagecache fetch' (Invoke-ImageFetch) brings an image.");
    }

    private BaseImage Show(CacheEntry entry, UsageReport? used, OperationMonitor monitor)
    {
        if (entry.Reading.State == RecordState.Damaged)
        {
            monitor.Warn($"The record of '{entry.Path}' is damaged and not trusted: {entry.Reading.Reason} 'imagecache init' (Initialize-ImageCache) makes it anew.");
        }

        return view.Of(entry, used?.IsUsed(entry.BaseName));
    }
}
