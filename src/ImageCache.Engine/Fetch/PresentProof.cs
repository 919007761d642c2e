using ImageCache.Engine.Store;
using ImageCache.Engine.Trust;

namespace ImageCache.Engine.Fetch;

/// <summary>Finds out whether a recorded file is still what its record says, by reading as little as the policy allows.</summary>
internal sealed class PresentProof(ContentCheck content)
{
    /// <summary>Proves.</summary>
    /// <param name="entry">The file.</param>
    /// <param name="record">Its record.</param>
    /// <param name="mustProve">Whether only bytes that were compared will do.</param>
    /// <param name="progress">Where the reading is counted.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <returns>The record, with the proof if one was made now; nothing when the file is not what the record says.</returns>
    public async Task<ImageRecord?> TryProveAsync(CacheEntry entry, ImageRecord record, bool mustProve, WorkProgress progress, CancellationToken cancellationToken)
    {
        if (!entry.Status.IsRegular || !entry.HasRecordedSize)
        {
            return null;
        }

        if (entry.Proof is { } known)
        {
            return known.IsIntact ? record : null;
        }

        // Another inode: somebody copied or replaced the file. Another time: nova touched it, or somebody wrote to it. Only its bytes can
        // tell which; whoever requires digests or signatures wants to know, others when it is another file or was damaged before.
        if (!mustProve && entry.IsRecordedFile && record.Proof is not { IsIntact: false })
        {
            return record;
        }

        if (!ImageDigest.TryParse(record.Digest, out ImageDigest? digest))
        {
            return null;
        }

        progress.Enter(WorkStage.Verifying, entry.Status.Size);
        ContentComparison seen = await content.CompareAsync(entry.Path, digest.Value, progress, cancellationToken).ConfigureAwait(false);
        return seen.IsIntact ? record with { Proof = seen.Proof } : null;
    }
}
