using ImageCache.Engine.Formats;
using ImageCache.Engine.Trust;

namespace ImageCache.Engine.Transfer;

/// <summary>What a complete transfer brought.</summary>
/// <param name="Length">Bytes of the image.</param>
/// <param name="BytesRead">Bytes that travelled, those of broken attempts included, holes not.</param>
/// <param name="Digests">The digests asked for.</param>
/// <param name="Report">What the bytes are.</param>
internal sealed record TransferResult(long Length, long BytesRead, IReadOnlyList<ImageDigest> Digests, FormatReport Report);
