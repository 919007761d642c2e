using ImageCache.Engine.Trust;

namespace ImageCache.Engine.Store;

/// <summary>What comparing a whole file with a digest gave.</summary>
/// <param name="IsIntact">Whether it has the digest.</param>
/// <param name="Actual">The digest that it has; <see langword="null"/> when it could not be read to its end.</param>
/// <param name="Proof">What the record shall say of it; <see langword="null"/> when somebody touched the file meanwhile.</param>
internal sealed record ContentComparison(bool IsIntact, ImageDigest? Actual, ContentProof? Proof);
