using System.Runtime.CompilerServices;
using ImageCache.Engine.Transfer;
using ImageCache.Engine.Trust;

namespace ImageCache.Engine.Store;

/// <summary>Hashes a file of the cache; holes are hashed without being read.</summary>
internal static class FileDigester
{
    /// <summary>Computes the digests of a file.</summary>
    public static async Task<IReadOnlyList<ImageDigest>> ComputeAsync(
        string path, IEnumerable<DigestAlgorithm> algorithms, RateLimiter? limiter, WorkProgress progress, CancellationToken cancellationToken)
    {
        using DigestStage digests = new(algorithms);
        FileByteSource source = FileByteSource.Open(path);
        await using ConfiguredAsyncDisposable ended = source.ConfigureAwait(false);
        IByteReader reader = await source.OpenAsync(0, cancellationToken).ConfigureAwait(false);
        await using ConfiguredAsyncDisposable read = reader.ConfigureAwait(false);
        TransferPipeline pipeline = new([[digests]], limiter, progress);
        await using ConfiguredAsyncDisposable done = pipeline.ConfigureAwait(false);
        await pipeline.PumpAsync(reader, long.MaxValue, static _ => new InvalidOperationException(), cancellationToken).ConfigureAwait(false);
        await pipeline.CompleteAsync().ConfigureAwait(false);
        return digests.Digests;
    }

    /// <summary>Whether a file has a digest.</summary>
    public static async Task<bool> MatchesAsync(string path, ImageDigest digest, WorkProgress progress, CancellationToken cancellationToken)
    {
        _ = DigestAlgorithm.TryGet(digest.Algorithm, out DigestAlgorithm? algorithm);
        IReadOnlyList<ImageDigest> computed = await ComputeAsync(path, [algorithm!], null, progress, cancellationToken).ConfigureAwait(false);
        return computed[0] == digest;
    }
}
