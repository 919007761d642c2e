using ImageCache.Engine.Life.Usage;
using ImageCache.Engine.Requests;
using ImageCache.Engine.Store;

namespace ImageCache.Engine.Life.Popularity;

/// <summary>Tells how popular images are here, alone or with what other nodes told. No service is asked.</summary>
internal sealed class PopularityTeller(CacheDirectory directory, CacheReader cache, UsageScanner usage, PopularityStore store, UseDecay decay, string node, TimeProvider time)
{
    /// <summary>Ranks the images.</summary>
    /// <exception cref="UnavailableException">There is no cache.</exception>
    public async Task<IReadOnlyList<ImagePopularity>> TellAsync(PopularityRequest request, OperationMonitor monitor, CancellationToken cancellationToken)
    {
        IReadOnlyList<ImagePopularity> local = await LocalAsync(request, monitor, cancellationToken).ConfigureAwait(false);
        DateTimeOffset now = time.GetUtcNow();
        IEnumerable<ImagePopularity> ranked = PopularityRanking.Rank(local, request.Imported, node, decay, now)
            .Where(image => request.Owners.Count == 0 || (image.Owner is { } owner && request.Owners.Contains(owner, StringComparer.OrdinalIgnoreCase)));
        return directory.Guard(() => (IReadOnlyList<ImagePopularity>)[.. PopularityRanking.Number(ranked)
            .Take(request.First ?? int.MaxValue)
            .Select(image => image with { IsCached = cache.Find(image.BaseName) is { HoldsData: true } })]);
    }

    private async Task<IReadOnlyList<ImagePopularity>> LocalAsync(PopularityRequest request, OperationMonitor monitor, CancellationToken cancellationToken)
    {
        if (!HasCache(request))
        {
            return [];
        }

        UsageReport? used = request.Scan ? await Task.Run(() => usage.Scan(cancellationToken), cancellationToken).ConfigureAwait(false) : null;
        UseLedger ledger = await store.UpdateAsync(used, monitor.Warn, cancellationToken).ConfigureAwait(false);
        DateTimeOffset now = time.GetUtcNow();
        return [.. ledger.Worthwhile(now).Select(entry => Show(entry, ledger.ScoreOf(entry, now), now))];
    }

    // What other nodes told can be summed where there is no cache.
    private bool HasCache(PopularityRequest request)
    {
        try
        {
            directory.RequireReadable();
            return true;
        }
        catch (UnavailableException) when (request.Imported.Count > 0)
        {
            return false;
        }
    }

    private ImagePopularity Show(PopularityEntry entry, double score, DateTimeOffset now) => new()
    {
        Id = entry.Id,
        Name = entry.Name,
        Owner = entry.Owner,
        Visibility = entry.Visibility,
        Node = node,
        Score = score,
        Uses = DiskMarks.Count(entry.Disks),
        TotalUses = entry.TotalUses,
        LastUsedAt = entry.LastUsedAt,
        Size = entry.Size,
        BaseName = entry.BaseName,
        MeasuredAt = now,
    };
}
