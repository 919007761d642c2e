using ImageCache.Engine.Sources;
using ImageCache.Engine.Store;
using ImageCache.Engine.Trust;

namespace ImageCache.Engine.Fetch;

/// <summary>
/// Finds the hash of a cached image's data as its source has them: from what the record knows, from the file where it holds the very bytes,
/// else from the source, whose data are streamed once more and must be those that the record tells of.
/// </summary>
/// <param name="hasher">Streams from the source; <see langword="null"/> where no service may be asked.</param>
internal sealed class CachedSource(SourceHasher? hasher)
{
    /// <summary>Whether a record knows the hash already.</summary>
    public static byte[]? Known(ImageRecord record, SignatureHashMethod method)
        => record.Signature?.HashBy(method)
            ?? (ImageDigest.TryParse(record.SourceDigest, out ImageDigest? source) && method.TryReuse(source.Value, out byte[]? hash) ? hash : null);

    /// <summary>Finds the hash where the record does not know it.</summary>
    /// <returns><see langword="null"/> when this machine cannot compute it.</returns>
    /// <exception cref="VerificationException">The file or the source is not what the record says.</exception>
    public async Task<byte[]?> FindAsync(CacheEntry entry, ImageRecord record, SignatureHashMethod method, FetchStep step, CancellationToken cancellationToken)
    {
        if (MayHoldSource(entry, record))
        {
            SourceHash file = await ReadAsync(entry, record, method, step.Progress, cancellationToken).ConfigureAwait(false);
            if (IsSource(file, record))
            {
                return file.Signature;
            }
        }

        if (hasher is null)
        {
            throw new UnavailableException(
                ErrorIds.MethodUnavailable, $"the source of image '{record.Id}' is not asked here.", record.Id, category: FailureCategory.ResourceUnavailable);
        }

        ResolvedImage then = new(record.Descriptor, ImageOrigin.Snapshot);
        SourceHash streamed = await hasher.StreamAsync(then, method, step, cancellationToken).ConfigureAwait(false);
        return streamed.Signature;
    }

    /// <summary>Reads the file for its own digest, for its source's and for the signature's hash.</summary>
    /// <exception cref="VerificationException">It is not what its record says.</exception>
    public static async Task<SourceHash> ReadAsync(
        CacheEntry entry, ImageRecord record, SignatureHashMethod? method, WorkProgress progress, CancellationToken cancellationToken)
    {
        IEnumerable<DigestAlgorithm> algorithms = new[] { record.Digest, record.SourceDigest }.Select(Algorithm).OfType<DigestAlgorithm>();
        SourceHash file = await SourceHasher.ReadAsync(entry.DataPath, algorithms, method, progress, cancellationToken).ConfigureAwait(false);
        if (ImageDigest.TryParse(record.Digest, out ImageDigest? digest) && !file.Digests.Contains(digest.Value))
        {
            throw new VerificationException(
                ErrorIds.DigestMismatch,
                $"'{entry.Path}', the file of image '{record.Id}', is not what its record says: its digest is not {digest}.",
                record.Id,
                "Fetch it again with -Force (--force), once no disk uses it.");
        }

        return file;
    }

    /// <summary>Whether the file may hold the source's bytes; a converted one has another length.</summary>
    public static bool MayHoldSource(CacheEntry entry, ImageRecord record)
        => entry.HoldsData && Algorithm(record.SourceDigest) is not null && (record.Descriptor.Size ?? entry.DataSize) == entry.DataSize;

    /// <summary>Whether what was read are the source's bytes.</summary>
    public static bool IsSource(SourceHash file, ImageRecord record)
        => ImageDigest.TryParse(record.SourceDigest, out ImageDigest? source) && file.Digests.Contains(source.Value);

    private static DigestAlgorithm? Algorithm(string? digest)
        => ImageDigest.TryParse(digest, out ImageDigest? parsed) && DigestAlgorithm.TryGet(parsed.Value.Algorithm, out DigestAlgorithm? algorithm) ? algorithm : null;
}
