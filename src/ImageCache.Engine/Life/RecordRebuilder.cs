using ImageCache.Engine.Store;
using ImageCache.Engine.Trust;

namespace ImageCache.Engine.Life;

/// <summary>Makes a damaged record anew from the file. What the damaged one claimed is not trusted, but for an id that fits the name.</summary>
internal sealed class RecordRebuilder(
    CacheLayout layout, CacheReader cache, RecordStore records, TemporaryDirectoryFactory temporaries, BaseImageView view, TimeProvider time)
{
    /// <summary>Sets a damaged record aside.</summary>
    public void SetAside(string baseName) => records.SetAside(baseName, time.GetUtcNow());

    /// <summary>Rebuilds. The file is read without its lock, which nova would wait for.</summary>
    /// <returns>The record that there is now; <see langword="null"/> when not even the id could be saved, so that the file is unrecorded.</returns>
    public async Task<ImageRecord?> RebuildAsync(string baseName, CancellationToken cancellationToken)
    {
        HashedFile? early = cache.Find(baseName) is { } seen && CanRebuild(seen)
            ? await HashAsync(seen, cancellationToken).ConfigureAwait(false)
            : null;
        using BaseFileLock held = await BaseFileLock.AcquireAsync(layout.LockPath(baseName), null, cancellationToken).ConfigureAwait(false);
        if (cache.Find(baseName) is not { Reading.State: RecordState.Damaged } entry)
        {
            // Somebody was faster: a fetch, or another of us.
            return records.Read(baseName).Record;
        }

        HashedFile? file = !CanRebuild(entry) ? null
            : early is { IsStable: true } && early.After == FileFingerprint.Of(entry.Status) ? early
            : await HashAsync(entry, cancellationToken).ConfigureAwait(false);
        SetAside(baseName);
        return file is null ? null : await WriteAsync(entry, file, cancellationToken).ConfigureAwait(false);
    }

    private static bool CanRebuild(CacheEntry entry) => entry is { Reading.SalvagedId: not null, Status.IsRegular: true };

    private static async Task<HashedFile> HashAsync(CacheEntry entry, CancellationToken cancellationToken)
    {
        using WorkProgress progress = new OperationMonitor().Begin(entry.Reading.SalvagedId!);
        return await FileDigester.HashAsync(entry.Path, [DigestAlgorithm.Sha256], progress, cancellationToken).ConfigureAwait(false);
    }

    private async Task<ImageRecord> WriteAsync(CacheEntry entry, HashedFile file, CancellationToken cancellationToken)
    {
        string id = entry.Reading.SalvagedId!;
        BaseImage seen = view.Of(entry with { Reading = RecordReading.Missing }, inUse: null);
        DateTimeOffset now = time.GetUtcNow();
        ImageRecord record = new()
        {
            Id = id,
            Descriptor = new ImageDescriptor { Id = id },
            Method = BaseImageMethod.Foreign,
            Digest = file.Digests[0].ToString(),
            DigestStatus = DigestStatus.Unverifiable,
            DiskFormat = seen.DiskFormat ?? "raw",
            Size = file.After.Size,
            VirtualSize = seen.VirtualSize ?? file.After.Size,
            Inode = file.After.Inode,
            FetchedAt = entry.Status.Modified,
            Proof = file.IsStable ? new ContentProof { At = now, IsIntact = true, File = file.After } : null,
            LastUsedAt = now,
            Node = Environment.MachineName,
        };
        using TemporaryDirectory temporary = await temporaries.CreateAsync(cancellationToken).ConfigureAwait(false);
        records.Write(record, temporary, durable: true);
        return record;
    }
}
