namespace ImageCache.Engine.Store;

/// <summary>Notes that a base file was used: in its time, which is what protects it from nova's cleaner, and in its record, which is for people.</summary>
internal sealed class UseNote(RecordStore records, TemporaryDirectoryFactory temporaries, TimeProvider time)
{
    /// <summary>Notes a use. The caller holds the base file's lock.</summary>
    /// <param name="entry">The base file.</param>
    /// <param name="record">What its record shall say besides.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public async Task<CacheEntry> WriteAsync(CacheEntry entry, ImageRecord record, CancellationToken cancellationToken)
    {
        DateTimeOffset now = time.GetUtcNow();
        ImageRecord used = record with { LastUsedAt = now, UseCount = record.UseCount + 1, Inode = entry.Status.Inode };
        try
        {
            used = entry.IsLink ? used with { Inode = 0 } : BaseFileTouch.Apply(entry.Path, used, now);
            if (entry.Reading.State == RecordState.Valid)
            {
                using TemporaryDirectory temporary = await temporaries.CreateAsync(cancellationToken).ConfigureAwait(false);
                records.Write(used, temporary, durable: false);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // A full disk still serves hits.
        }

        return entry with { Reading = entry.Reading with { Record = used } };
    }

    /// <summary>Notes a use of a file without a record of ours, by its time alone.</summary>
    public void Touch(CacheEntry entry)
    {
        try
        {
            BaseFileTouch.Apply(entry.Path, time.GetUtcNow());
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It may be another user's; nova ignores that, too.
        }
    }
}
