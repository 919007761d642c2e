namespace ImageCache.Engine.Transfer;

/// <summary>A part of an image: to be read at once, or known to be zeros.</summary>
/// <param name="Offset">Where it begins.</param>
/// <param name="Length">Bytes.</param>
/// <param name="IsHole">Whether nothing is there to be read.</param>
internal readonly record struct RbdPiece(long Offset, long Length, bool IsHole);
