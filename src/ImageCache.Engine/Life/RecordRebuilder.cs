using ImageCache.Engine.Store;
using ImageCache.Engine.Trust;

namespace ImageCache.Engine.Life;

/// <summary>Makes a damaged record anew from the file. What the damaged one claimed is not trusted, but for an id that fits the name.</summary>
internal sealed class RecordRebuilder(RecordStore records, TemporaryDirectoryFactory temporaries, BaseImageView view, TimeProvider time)
{
    /// <summary>Sets a damaged record aside.</summary>
    public void SetAside(string baseName) => records.SetAside(baseName, time.GetUtcNow());

    /// <summary>Rebuilds. The caller holds the base file's lock.</summary>
    /// <returns>The new record; <see langword="null"/> when not even the id could be saved, so that the file is unrecorded now.</returns>
    public async Task<ImageRecord?> RebuildAsync(CacheEntry entry, CancellationToken cancellationToken)
    {
        SetAside(entry.BaseName);
        if (entry.Reading.SalvagedId is not { } id || !entry.Status.IsRegular)
        {
            return null;
        }

        using WorkProgress progress = new OperationMonitor().Begin(id);
        HashedFile file = await FileDigester.HashAsync(entry.Path, [DigestAlgorithm.Sha256], progress, cancellationToken).ConfigureAwait(false);
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
            Size = entry.Status.Size,
            VirtualSize = seen.VirtualSize ?? entry.Status.Size,
            Inode = entry.Status.Inode,
            FetchedAt = entry.Status.Modified,
            LastUsedAt = now,
            Node = Environment.MachineName,
        };
        using TemporaryDirectory temporary = await temporaries.CreateAsync(cancellationToken).ConfigureAwait(false);
        records.Write(record, temporary, durable: true);
        return record;
    }
}
