using ImageCache.Engine.Native.Posix;
using ImageCache.Engine.Store;
using Microsoft.Win32.SafeHandles;

namespace ImageCache.Engine.Life;

/// <summary>
/// Keeps base files from nova's aging: nova removes what it does not know to be used when its time is older than
/// remove_unused_original_minimum_age_seconds (nova/virt/libvirt/imagecache.py), so the time is set to now.
/// </summary>
internal sealed class BaseFileKeeper(
    CacheDirectory directory, CacheReader cache, RecordStore records, ProofKeeper proofs, TemporaryDirectoryFactory temporaries, TimeProvider time)
{
    /// <summary>Sets the time of one base file to now, with or without a record of ours. A link has no time that counts.</summary>
    /// <returns>Why it could not be done; <see langword="null"/> when it was done, or the file is gone.</returns>
    public async Task<string?> KeepAsync(string baseName, CancellationToken cancellationToken)
    {
        try
        {
            using BaseFileLock? held = await proofs.TryLockAsync(baseName, cancellationToken).ConfigureAwait(false);
            if (held is null)
            {
                // Its holder fetches or uses it just now, and touches it then.
                return null;
            }

            if (cache.Find(baseName) is not { Status.IsRegular: true } entry)
            {
                return null;
            }

            await TouchAsync(entry, cancellationToken).ConfigureAwait(false);
            return null;
        }
        catch (IOException e) when (e.HResult == PosixError.ENOENT)
        {
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return $"'{directory.Layout.BasePath(baseName)}' cannot be kept from nova's aging: {e.Message}";
        }
    }

    private async Task TouchAsync(CacheEntry entry, CancellationToken cancellationToken)
    {
        DateTimeOffset now = time.GetUtcNow();
        if (entry.Reading is not { State: RecordState.Valid, Record: { } record })
        {
            using SafeFileHandle handle = OpenFile.Open(entry.Path, OpenFile.ReadOnly | OpenFile.NoFollow);
            FileTimes.SetModified(handle, entry.Path, now);
            return;
        }

        ImageRecord touched = BaseFileTouch.Apply(entry.Path, record, now);
        if (touched != record)
        {
            using TemporaryDirectory temporary = await temporaries.CreateAsync(cancellationToken).ConfigureAwait(false);
            records.Write(touched, temporary, durable: false);
        }
    }
}
