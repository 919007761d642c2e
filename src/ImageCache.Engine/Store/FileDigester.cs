using System.Runtime.CompilerServices;
using ImageCache.Engine.Transfer;
using ImageCache.Engine.Trust;

namespace ImageCache.Engine.Store;

/// <summary>
/// Hashes a file of the cache; holes are hashed without being read, and links are not followed. The file is opened once: what is told
/// of it and what was hashed are the same file, whatever has its name by then.
/// </summary>
internal static class FileDigester
{
    /// <summary>Hashes a file.</summary>
    /// <exception cref="NotFoundException">There is none.</exception>
    /// <exception cref="UnavailableException">It cannot be read.</exception>
    /// <exception cref="TransferInterruptedException">It became shorter meanwhile.</exception>
    public static async Task<HashedFile> HashAsync(
        string path, IEnumerable<DigestAlgorithm> algorithms, WorkProgress progress, CancellationToken cancellationToken)
    {
        FileByteSource source = FileByteSource.OpenCached(path, inBackground: false);
        await using ConfiguredAsyncDisposable ended = source.ConfigureAwait(false);
        return await HashAsync(source, algorithms, null, progress, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The same without getting into anybody's way: when the disk is idle, at a limited rate, and without filling the memory.</summary>
    public static async Task<HashedFile> HashInBackgroundAsync(
        string path, IEnumerable<DigestAlgorithm> algorithms, RateLimiter? limiter, WorkProgress progress, CancellationToken cancellationToken)
    {
        FileByteSource source = FileByteSource.OpenCached(path, inBackground: true);
        await using ConfiguredAsyncDisposable ended = source.ConfigureAwait(false);
        return await HashAsync(source, algorithms, limiter, progress, cancellationToken).ConfigureAwait(false);
    }

    private static async Task<HashedFile> HashAsync(
        FileByteSource source, IEnumerable<DigestAlgorithm> algorithms, RateLimiter? limiter, WorkProgress progress, CancellationToken cancellationToken)
    {
        FileFingerprint before = FileFingerprint.Of(source.Status);
        using DigestStage digests = new(algorithms);
        IByteReader reader = await source.OpenAsync(0, cancellationToken).ConfigureAwait(false);
        await using ConfiguredAsyncDisposable read = reader.ConfigureAwait(false);
        TransferPipeline pipeline = new([[digests]], limiter, progress);
        await using ConfiguredAsyncDisposable done = pipeline.ConfigureAwait(false);
        await pipeline.PumpAsync(reader, long.MaxValue, static _ => new InvalidOperationException(), cancellationToken).ConfigureAwait(false);
        await pipeline.CompleteAsync().ConfigureAwait(false);
        return new HashedFile(digests.Digests, before, FileFingerprint.Of(source.Status));
    }
}
