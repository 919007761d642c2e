using ImageCache.Engine.Fetch;
using ImageCache.Engine.Life.Critical;
using ImageCache.Engine.Life.Usage;
using ImageCache.Engine.Requests;
using ImageCache.Engine.Store;

namespace ImageCache.Engine.Life;

/// <summary>
/// Repairs what a check found. A damaged file is set aside and its image fetched like any other; a damaged record is made anew from the
/// file. A file that disks use is never moved or written to: it is told of, and stays.
/// </summary>
internal sealed class IntegrityRepair(
    CacheDirectory directory,
    CacheReader cache,
    RecordStore records,
    CriticalStore criticals,
    RecordRebuilder rebuilder,
    UsageScanner usage,
    Quarantine quarantine,
    ImageFetcher fetcher,
    TimeProvider time)
{
    /// <summary>Repairs, or says in the result why not.</summary>
    public async Task<IntegrityResult> RunAsync(IntegrityResult found, OperationMonitor monitor, CancellationToken cancellationToken)
    {
        string baseName = Path.GetFileName(found.Path);
        directory.RequireWritable();
        return found.Status switch
        {
            _ when directory.Layout.BasePath(baseName) != found.Path
                => Not(found, $"it lies in another cache than '{directory.Layout.CachePath}'"),
            _ when records.Read(baseName).State == RecordState.Newer
                => Not(found, "its record was written by a newer version, which this one does not touch"),
            IntegrityStatus.Missing => await FetchAsync(found, RequestFor(found, baseName), "the file was missing", monitor, cancellationToken).ConfigureAwait(false),
            IntegrityStatus.Damaged => await directory
                .GuardAsync(() => RepairDamageAsync(found, baseName, monitor, cancellationToken), found.Id)
                .ConfigureAwait(false),
            _ => found,
        };
    }

    private async Task<IntegrityResult> RepairDamageAsync(
        IntegrityResult found, string baseName, OperationMonitor monitor, CancellationToken cancellationToken)
    {
        if (cache.Find(baseName) is not { } entry)
        {
            return Not(found, "a directory lies in the file's place; find out who made it, and remove it");
        }

        if (entry.Reading.State == RecordState.Missing)
        {
            return Not(found, "it is not ours: no record tells of it; remove it to have its image fetched");
        }

        return entry.Reading.State == RecordState.Damaged
            ? await RepairRecordAsync(found, baseName, monitor, cancellationToken).ConfigureAwait(false)
            : await RepairFileAsync(found, baseName, monitor, cancellationToken).ConfigureAwait(false);
    }

    // The new record proves that the file stays as it is, not that it is the image; for that Glance is asked, if it answers.
    private async Task<IntegrityResult> RepairRecordAsync(
        IntegrityResult found, string baseName, OperationMonitor monitor, CancellationToken cancellationToken)
    {
        if (await rebuilder.RebuildAsync(baseName, cancellationToken).ConfigureAwait(false) is not { } record)
        {
            return Not(found, "the damaged record, which does not even tell the image's id, was set aside; the file counts as unrecorded now");
        }

        const string Done = "its record was damaged, and was made anew from the file";
        found = found with { Id = record.Id, Expected = record.Digest, Actual = record.Digest };
        try
        {
            BaseImage image = await fetcher.FetchAsync(new FetchRequest { Image = record.Id, IsUpkeep = true }, monitor, cancellationToken).ConfigureAwait(false);
            return Repaired(found, image, $"{Done}; it is the image");
        }
        catch (ImageCacheException e) when (e is UnavailableException or NotFoundException or { ErrorId: ErrorIds.CloudNotConfigured })
        {
            return found with { Repaired = true, Reason = $"{Done}; that the file is the image could not be verified: {e.Message}" };
        }
        catch (ImageCacheException e)
        {
            return Not(found, $"{Done}, but the file is not the image: {e.Message}");
        }
    }

    private async Task<IntegrityResult> RepairFileAsync(
        IntegrityResult found, string baseName, OperationMonitor monitor, CancellationToken cancellationToken)
    {
        FetchRequest request;
        string where;
        using (await BaseFileLock.AcquireAsync(directory.Layout.LockPath(baseName), null, cancellationToken).ConfigureAwait(false))
        {
            if (cache.Find(baseName) is { IsLink: true })
            {
                return Not(found, "it is a link, and the volume behind it holds other bytes; fetch it with -Force (--force), by another method");
            }

            if (cache.Find(baseName) is not { } entry || !IsKnownDamaged(entry))
            {
                return Not(found, "file or record changed since it was looked at; look again");
            }

            IReadOnlyList<string> users = usage.Scan(cancellationToken).UsersOf(baseName);
            if (users.Count > 0)
            {
                return Not(found, $"disks have it in their chains, so that it was left alone: {string.Join(", ", users)}");
            }

            request = RequestFor(found, baseName);
            where = quarantine.Take(entry, found.Reason);
        }

        return await FetchAsync(found, request, $"the damaged file was set aside as '{where}'", monitor, cancellationToken).ConfigureAwait(false);
    }

    private static bool IsKnownDamaged(CacheEntry entry)
        => entry.Record is not null && (!entry.Status.IsRegular || !entry.HasRecordedSize || entry.Proof is { IsIntact: false });

    private FetchRequest RequestFor(IntegrityResult found, string baseName)
    {
        if (criticals.Look().Images.GetValueOrDefault(baseName) is { } critical)
        {
            return critical.ToRequest();
        }

        ImageRecord? record = records.Read(baseName).Record;
        return record is { SourceUri: { } uri, SourceDigest: { } digest }
            ? new FetchRequest { Uri = uri, Checksum = digest, IsUpkeep = true }
            : new FetchRequest { Image = record?.Id ?? found.Id, IsUpkeep = true };
    }

    private async Task<IntegrityResult> FetchAsync(
        IntegrityResult found, FetchRequest request, string done, OperationMonitor monitor, CancellationToken cancellationToken)
    {
        if (request.Image is null && request.Uri is null)
        {
            return Not(found, $"{done}, and nothing tells which image it was");
        }

        try
        {
            BaseImage image = await fetcher.FetchAsync(request, monitor, cancellationToken).ConfigureAwait(false);
            return Repaired(found, image, image.Hit == true ? $"{done}; it is whole" : $"{done}; the image was fetched again");
        }
        catch (ImageCacheException e)
        {
            return Not(found, $"{done}; the image could not be fetched: {e.Message}");
        }
    }

    private IntegrityResult Repaired(IntegrityResult found, BaseImage image, string reason) => found with
    {
        Id = image.Id,
        Name = image.Name,
        Reason = reason,
        Expected = found.Expected ?? image.Digest,
        Size = image.Size,
        CheckedAt = time.GetUtcNow(),
        Repaired = true,
    };

    private static IntegrityResult Not(IntegrityResult found, string why)
        => found with { Repaired = false, Reason = found.Reason is null ? why : $"{found.Reason}. Not repaired: {why}" };
}
