using FsCheck;
using FsCheck.Fluent;
using ImageCache.Engine.Native.Rbd;
using ImageCache.Engine.Transfer;
using Xunit;

namespace ImageCache.Engine.Tests.Transfer;

public sealed class RbdPlanTests
{
    [Fact]
    public void PiecesCoverTheRangeInOrderAndMissNoData() => Prop.ForAll(
        Gen.Choose(0, 300).Three().ToArbitrary(),
        Gen.Choose(0, 400).Two().ListOf().ToArbitrary(),
        (range, parts) =>
        {
            (int start, int length, int third) = range;
            int readSize = 1 + (third % 50);
            RbdExtent[] data = [.. parts.Select(static part => new RbdExtent(part.Item1, part.Item2))];
            RbdPiece[] pieces = [.. RbdPlan.Pieces(start, start + length, data, readSize)];
            long at = start;
            foreach (RbdPiece piece in pieces)
            {
                bool hasData = Enumerable.Range((int)piece.Offset, (int)piece.Length)
                    .Any(offset => data.Any(extent => offset >= extent.Offset && offset < extent.End));
                bool fits = piece.IsHole ? !hasData : piece.Length <= readSize && piece.Offset / readSize == (piece.Offset + piece.Length - 1) / readSize;
                if (piece.Offset != at || piece.Length <= 0 || !fits)
                {
                    return false;
                }

                at += piece.Length;
            }

            return at == start + length;
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void WithoutDataEverythingIsOneHole()
        => Assert.Equal([new RbdPiece(7, 93, true)], RbdPlan.Pieces(7, 100, [], 10));
}
