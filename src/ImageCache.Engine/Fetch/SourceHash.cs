using ImageCache.Engine.Trust;

namespace ImageCache.Engine.Fetch;

/// <summary>What reading an image's bytes, keeping none of them, gave.</summary>
/// <param name="Signature">The hash that its signature is about; <see langword="null"/> when this machine cannot compute it.</param>
/// <param name="Digests">The digests asked for.</param>
/// <param name="Length">How many bytes there were.</param>
internal sealed record SourceHash(byte[]? Signature, IReadOnlyList<ImageDigest> Digests, long Length);
