namespace ImageCache.Engine.Native.Rbd;

/// <summary>A part of an image that may hold data.</summary>
/// <param name="Offset">Where it begins.</param>
/// <param name="Length">Bytes.</param>
internal readonly record struct RbdExtent(long Offset, long Length)
{
    public long End => Offset + Length;
}
