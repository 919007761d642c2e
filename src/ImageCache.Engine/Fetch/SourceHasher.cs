using System.Runtime.CompilerServices;
using ImageCache.Engine.Sources;
using ImageCache.Engine.Transfer;
using ImageCache.Engine.Trust;

namespace ImageCache.Engine.Fetch;

/// <summary>Reads bytes for the hash that a signature is about, and keeps nothing of them.</summary>
internal sealed class SourceHasher(MethodAttempts methods, ImageTransfer transfer)
{
    /// <summary>Streams an image's data and compares them with the digests that are known.</summary>
    /// <exception cref="VerificationException">They are not the image's.</exception>
    public Task<SourceHash> StreamAsync(ResolvedImage image, SignatureHashMethod method, FetchStep step, CancellationToken cancellationToken)
        => methods.ReadAsync(image, async (bytes, _) =>
        {
            DigestExpectation expectation = DigestExpectation.Of(image.Descriptor);
            using SourceHashes hashes = new(expectation.Algorithms(), method);
            TransferResult result = await transfer.RunAsync(
                new TransferRequest
                {
                    ImageId = image.Id,
                    Source = bytes,
                    ExpectedSize = image.Descriptor.Size ?? bytes.Length,
                    Lanes = hashes.Lanes,
                },
                step.Progress,
                step.Monitor,
                cancellationToken).ConfigureAwait(false);
            expectation.Require(hashes.Digests, image.Id);
            return new SourceHash(hashes.ForSignature(), hashes.Digests, result.Length);
        }, step, cancellationToken);

    /// <summary>Reads a file.</summary>
    public static async Task<SourceHash> ReadAsync(
        string path, IEnumerable<DigestAlgorithm> algorithms, SignatureHashMethod? method, WorkProgress progress, CancellationToken cancellationToken)
    {
        using SourceHashes hashes = new(algorithms, method);
        FileByteSource source = FileByteSource.Open(path);
        await using ConfiguredAsyncDisposable ended = source.ConfigureAwait(false);
        progress.Enter(WorkStage.Verifying, source.Length);
        IByteReader reader = await source.OpenAsync(0, cancellationToken).ConfigureAwait(false);
        await using ConfiguredAsyncDisposable read = reader.ConfigureAwait(false);
        TransferPipeline pipeline = new(hashes.Lanes, limiter: null, progress);
        await using ConfiguredAsyncDisposable done = pipeline.ConfigureAwait(false);
        try
        {
            await pipeline.PumpAsync(reader, long.MaxValue, static _ => new InvalidOperationException(), cancellationToken).ConfigureAwait(false);
        }
        catch (TransferInterruptedException e)
        {
            throw new UnavailableException(ErrorIds.TransferFailed, $"'{path}' could not be read to its end: {e.Message}.", path, cause: e);
        }

        await pipeline.CompleteAsync().ConfigureAwait(false);
        return new SourceHash(hashes.ForSignature(), hashes.Digests, pipeline.Offset);
    }
}
