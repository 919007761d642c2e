using ImageCache.Engine.Trust;

namespace ImageCache.Engine.Store;

/// <summary>What one whole reading of a file gave.</summary>
/// <param name="Digests">The digests asked for, in their order.</param>
/// <param name="Before">The file when the reading began.</param>
/// <param name="After">The file when it had ended.</param>
internal sealed record HashedFile(IReadOnlyList<ImageDigest> Digests, FileFingerprint Before, FileFingerprint After)
{
    /// <summary>Whether nothing was done to the file meanwhile, so that the digests are those of the file as it is.</summary>
    public bool IsStable => Before == After;
}
