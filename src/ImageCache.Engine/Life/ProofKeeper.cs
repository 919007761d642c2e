using ImageCache.Engine.Native.Posix;
using ImageCache.Engine.Store;

namespace ImageCache.Engine.Life;

/// <summary>Writes a proof into the record of a file, under the file's lock, which is held for just that.</summary>
internal sealed class ProofKeeper(CacheDirectory directory, RecordStore records, TemporaryDirectoryFactory temporaries)
{
    // Whoever holds a lock for longer is fetching or removing the file, and that is the last word on it.
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(2);

    /// <summary>Keeps a proof, if file and record are still those that were compared.</summary>
    /// <returns>Why no proof can be kept in this cache; <see langword="null"/> when one could have been.</returns>
    public async Task<string?> KeepAsync(string baseName, ImageRecord compared, ContentProof proof, CancellationToken cancellationToken)
    {
        try
        {
            directory.RequireWritable();
            using BaseFileLock? held = await TryLockAsync(baseName, cancellationToken).ConfigureAwait(false);
            if (held is null
                || records.Read(baseName) is not { State: RecordState.Valid, Record: { } record }
                || record.Digest != compared.Digest
                || FileStatus.OfPath(directory.Layout.BasePath(baseName)) is not { } now
                || !proof.HoldsFor(FileFingerprint.Of(now)))
            {
                return null;
            }

            using TemporaryDirectory temporary = await temporaries.CreateAsync(cancellationToken).ConfigureAwait(false);
            records.Write(record with { Proof = proof, Inode = proof.IsIntact ? now.Inode : record.Inode }, temporary, durable: true);
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or UnavailableException)
        {
            return e.Message;
        }
    }

    /// <summary>Takes a base file's lock if it can be had soon.</summary>
    /// <exception cref="IOException">This user may not lock here.</exception>
    public Task<BaseFileLock?> TryLockAsync(string baseName, CancellationToken cancellationToken)
        => BaseFileLock.TryAcquireAsync(directory.Layout.LockPath(baseName), s_patience, cancellationToken);
}
