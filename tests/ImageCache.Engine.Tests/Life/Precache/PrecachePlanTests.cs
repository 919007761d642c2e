using FsCheck;
using FsCheck.Fluent;
using ImageCache.Engine.Life.Precache;
using ImageCache.Engine.Requests;
using Xunit;

namespace ImageCache.Engine.Tests.Life.Precache;

/// <summary>What finds room.</summary>
public sealed class PrecachePlanTests
{
    [Fact]
    public void A_plan_keeps_to_every_limit_and_leaves_out_only_what_finds_no_room()
        => Prop.ForAll<(byte Size, bool IsPresent)[], (byte, byte, byte)>((images, limits) =>
        {
            (byte run, byte cap, byte disk) = limits;
            PrecacheChoice[] candidates = [.. images.Select((image, index) => Choice($"{index}", image.Size, image.IsPresent))];
            PrecachePlan plan = PrecachePlan.Make(candidates, new PrecacheRoom(run, cap, disk));
            long limit = Math.Min(run, Math.Min(cap, disk));
            long left = limit - plan.Chosen.Sum(static choice => choice.Need);
            return left >= 0
                && plan.LeftOut.All(out_ => out_.Candidate.Need > left)
                && plan.Chosen.Concat(plan.LeftOut.Select(static out_ => out_.Candidate)).ToHashSet().SetEquals(candidates)
                && plan.Chosen.SequenceEqual(candidates.Intersect(plan.Chosen))
                && candidates.Where(static choice => choice.IsPresent).All(plan.Chosen.Contains);
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void An_image_too_large_does_not_keep_a_smaller_one_out()
    {
        PrecachePlan plan = PrecachePlan.Make([Choice("a", 60), Choice("b", 50), Choice("c", 40)], new PrecacheRoom(100, null, long.MaxValue));
        Assert.Equal(["a", "c"], plan.Chosen.Select(static choice => choice.Request.Image));
        Assert.Contains("may still bring", Assert.Single(plan.LeftOut).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void What_cannot_be_found_stays_to_be_told()
    {
        PrecacheChoice lost = Choice("lost", 0) with { Image = null, Error = new NotFoundException(ErrorIds.ImageNotFound, "gone") };
        Assert.Equal([lost], PrecachePlan.Make([lost], new PrecacheRoom(0, 0, -5)).Chosen);
    }

    private static PrecacheChoice Choice(string id, long size, bool isPresent = false)
        => new(new FetchRequest { Image = id }, new ImageDescriptor { Id = id, Size = size }, isPresent);
}
