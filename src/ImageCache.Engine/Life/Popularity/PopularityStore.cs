using ImageCache.Engine.Configuration;
using ImageCache.Engine.Life.Usage;
using ImageCache.Engine.Store;

namespace ImageCache.Engine.Life.Popularity;

/// <summary>
/// Keeps the uses of images of one cache. It is a statistic: what cannot be kept is lost without a word, and what is damaged is begun anew.
/// Killed between the sum and the emptying of the notes, these are counted twice, which is better than not at all.
/// </summary>
/// <param name="directory">The cache.</param>
/// <param name="configuration">The half-life.</param>
/// <param name="temporaries">Where the document is made.</param>
/// <param name="describer">What tells of images besides their uses.</param>
/// <param name="time">The clock.</param>
internal sealed class PopularityStore(
    CacheDirectory directory, ImageCacheConfiguration configuration, TemporaryDirectoryFactory temporaries, ImageDescriber describer, TimeProvider time)
{
    // Whoever holds the lock sums up, which takes milliseconds.
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(2);

    private readonly DocumentFile<PopularityDocument> _file = new(directory.Layout, string.Empty, CacheLayout.PopularityName);
    private readonly UseNotes _notes = new(directory.Layout);
    private readonly UseDecay _decay = new(configuration.PopularityHalfLife);

    /// <summary>Notes that somebody asked for an image and got it. Never fails, and takes no longer than a short write.</summary>
    public async Task NoteUseAsync(string imageId, CancellationToken cancellationToken)
    {
        try
        {
            long size;
            using (await TryLockAsync(cancellationToken).ConfigureAwait(false))
            {
                // Without the lock it is lost only if it falls between the sum and the emptying; not written it is lost for sure.
                size = _notes.Append(new NotedUse(time.GetUtcNow(), imageId));
            }

            if (size >= UseNotes.Enough)
            {
                await UpdateAsync(null, static _ => { }, cancellationToken).ConfigureAwait(false);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or OperationCanceledException)
        {
            // A full or foreign disk still serves images.
        }
    }

    /// <summary>Sums up what was noted and what a scan saw, and keeps it where this user may.</summary>
    /// <param name="usage">What a scan saw; <see langword="null"/> when there was none.</param>
    /// <param name="warn">Told when what was kept is damaged.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public async Task<UseLedger> UpdateAsync(UsageReport? usage, Action<string> warn, CancellationToken cancellationToken)
    {
        DiskSightings? seen = usage is null ? null : DiskSightings.In(usage, directory.Layout);
        try
        {
            directory.RequireWritable();
            using BaseFileLock? held = await TryLockAsync(cancellationToken).ConfigureAwait(false);
            DocumentReading<PopularityDocument> reading = _file.Read();
            UseLedger ledger = Sum(reading, seen);
            if (held is not null && reading.State != RecordState.Newer)
            {
                await KeepAsync(reading, ledger, warn, cancellationToken).ConfigureAwait(false);
            }

            return ledger;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or UnavailableException)
        {
            // Who may only look sees the same, and nothing is kept.
            return Sum(_file.Read(), seen);
        }
    }

    /// <summary>The score of each image as of now; nothing is written or scanned.</summary>
    public PopularityReading Read()
    {
        DateTimeOffset now = time.GetUtcNow();
        UseLedger ledger = Sum(_file.Read(), null);
        return new PopularityReading(ledger.Entries.ToDictionary(static entry => entry.BaseName, entry => ledger.ScoreOf(entry, now), StringComparer.Ordinal));
    }

    private UseLedger Sum(DocumentReading<PopularityDocument> reading, DiskSightings? seen)
    {
        DateTimeOffset now = time.GetUtcNow();
        UseLedger ledger = new(_decay, reading.Document?.Images ?? []);
        foreach (NotedUse use in _notes.Read())
        {
            ledger.NoteUse(use.Id, use.Time < now ? use.Time : now);
        }

        if (seen is not null)
        {
            ledger.NoteDisks(seen.DisksByBase, seen.IsComplete, now);
        }

        describer.Describe(ledger);
        return ledger;
    }

    private async Task KeepAsync(
        DocumentReading<PopularityDocument> reading, UseLedger ledger, Action<string> warn, CancellationToken cancellationToken)
    {
        DateTimeOffset now = time.GetUtcNow();
        if (reading.State == RecordState.Damaged)
        {
            warn($"The statistic of uses, '{CacheLayout.PopularityName}', is damaged, was set aside and is begun anew: {reading.Reason}");
            _file.SetAside(now);
        }

        PopularityDocument document = (reading.Document ?? new PopularityDocument()) with { Images = ledger.Worthwhile(now) };
        using TemporaryDirectory temporary = await temporaries.CreateAsync(cancellationToken).ConfigureAwait(false);
        _file.Put(PopularityBytes.Of(document), temporary, durable: false);
        _notes.Clear();
    }

    private Task<BaseFileLock?> TryLockAsync(CancellationToken cancellationToken)
        => BaseFileLock.TryAcquireAsync(directory.Layout.PopularityLockPath, s_patience, cancellationToken);
}
