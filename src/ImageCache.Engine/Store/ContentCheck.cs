using ImageCache.Engine.Transfer;
using ImageCache.Engine.Trust;

namespace ImageCache.Engine.Store;

/// <summary>
/// Compares a whole base file with a digest. No lock is needed: the file is opened once, and looked at before and after, so that a
/// change meanwhile is never taken for a proof.
/// </summary>
internal sealed class ContentCheck(TimeProvider time)
{
    // A file that is written while it is read has no digest; one that goes on being written is not the image's.
    private const int Attempts = 2;

    /// <summary>Compares as fast as it goes, for somebody who waits.</summary>
    /// <exception cref="ImageCacheException">It cannot be read.</exception>
    public Task<ContentComparison> CompareAsync(string path, ImageDigest expected, WorkProgress progress, CancellationToken cancellationToken)
        => CompareAsync(
            expected, algorithms => FileDigester.HashAsync(path, algorithms, progress, cancellationToken));

    /// <summary>Compares without getting into anybody's way.</summary>
    /// <exception cref="ImageCacheException">It cannot be read.</exception>
    public Task<ContentComparison> CompareInBackgroundAsync(
        string path, ImageDigest expected, RateLimiter? limiter, WorkProgress progress, CancellationToken cancellationToken)
        => CompareAsync(
            expected, algorithms => FileDigester.HashInBackgroundAsync(path, algorithms, limiter, progress, cancellationToken));

    private async Task<ContentComparison> CompareAsync(ImageDigest expected, Func<IEnumerable<DigestAlgorithm>, Task<HashedFile>> hash)
    {
        _ = DigestAlgorithm.TryGet(expected.Algorithm, out DigestAlgorithm? algorithm);
        ContentComparison last = new(false, null, null);
        for (int attempt = 0; attempt < Attempts; attempt++)
        {
            try
            {
                HashedFile file = await hash([algorithm!]).ConfigureAwait(false);
                last = Judge(file, expected);
                if (last.IsIntact || file.IsStable)
                {
                    return last;
                }
            }
            catch (TransferInterruptedException)
            {
                // It became shorter while it was read.
                last = new ContentComparison(false, null, null);
            }
        }

        return last;
    }

    private ContentComparison Judge(HashedFile file, ImageDigest expected)
    {
        bool isIntact = file.Digests[0] == expected;
        ContentProof? proof = file.IsStable ? new ContentProof { At = time.GetUtcNow(), IsIntact = isIntact, File = file.After } : null;
        return new ContentComparison(isIntact, file.Digests[0], proof);
    }
}
