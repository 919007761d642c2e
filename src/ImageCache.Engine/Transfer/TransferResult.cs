namespace ImageCache.Engine.Transfer;

/// <summary>What a complete transfer was.</summary>
/// <param name="Length">Bytes of the image.</param>
/// <param name="BytesRead">Bytes that travelled, those of broken attempts included, holes not.</param>
internal sealed record TransferResult(long Length, long BytesRead);
