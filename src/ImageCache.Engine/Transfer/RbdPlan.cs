using ImageCache.Engine.Native.Rbd;

namespace ImageCache.Engine.Transfer;

/// <summary>Cuts a range of an image into holes and reads.</summary>
internal static class RbdPlan
{
    /// <summary>The pieces of a range, in order and without a gap.</summary>
    /// <param name="start">Where the range begins.</param>
    /// <param name="end">Where it ends.</param>
    /// <param name="data">What may hold data, in any order, overlapping or not; what lies outside of the range does not count.</param>
    /// <param name="readSize">The largest read; no read crosses a multiple of it.</param>
    public static IEnumerable<RbdPiece> Pieces(long start, long end, IEnumerable<RbdExtent> data, int readSize)
    {
        long at = start;
        foreach (RbdExtent extent in data.OrderBy(static extent => extent.Offset))
        {
            long begin = Math.Clamp(extent.Offset, at, end);
            if (begin > at)
            {
                yield return new RbdPiece(at, begin - at, IsHole: true);
                at = begin;
            }

            long last = Math.Min(extent.End, end);
            while (at < last)
            {
                long length = Math.Min(last - at, readSize - (at % readSize));
                yield return new RbdPiece(at, length, IsHole: false);
                at += length;
            }
        }

        if (at < end)
        {
            yield return new RbdPiece(at, end - at, IsHole: true);
        }
    }
}
