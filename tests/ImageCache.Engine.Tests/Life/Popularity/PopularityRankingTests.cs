using FsCheck;
using FsCheck.Fluent;
using ImageCache.Engine.Life.Popularity;
using ImageCache.Engine.Store;
using Xunit;

namespace ImageCache.Engine.Tests.Life.Popularity;

/// <summary>Sums over nodes.</summary>
public sealed class PopularityRankingTests
{
    private static readonly DateTimeOffset s_now = new(2026, 11, 21, 12, 0, 0, TimeSpan.Zero);
    private static readonly UseDecay s_decay = new(TimeSpan.FromDays(7));

    [Fact]
    public void The_sum_does_not_depend_on_the_order_and_counts_each_node_once()
        => Prop.ForAll<(byte Node, byte Image, byte Score, byte Hours)[], int>((told, seed) =>
        {
            ImagePopularity[] imported = [.. told.Select(static one => Told($"node-{one.Node % 4}", $"image-{one.Image % 3}", one.Score, s_now.AddHours(-one.Hours)))];
            ImagePopularity[] shuffled = [.. imported, .. imported.Take(3)];
            new Random(seed).Shuffle(shuffled);
            IReadOnlyList<ImagePopularity> sum = Rank([], imported);
            return sum.SequenceEqual(Rank([], shuffled))
                && sum.All(image => image.Nodes == told.Where(one => $"image-{one.Image % 3}" == image.Id).Select(static one => one.Node % 4).Distinct().Count())
                && sum.Select(static image => image.Rank).SequenceEqual(Enumerable.Range(1, sum.Count))
                && sum.Zip(sum.Skip(1)).All(static pair => pair.First.Score >= pair.Second.Score);
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void What_this_node_knows_wins_over_an_export_of_its_own()
    {
        ImagePopularity sum = Assert.Single(Rank([Told("here", "a", 2, s_now)], [Told("here", "a", 50, s_now), Told("there", "a", 3, s_now)]));
        Assert.Equal((5, 2, null), (sum.Score, sum.Nodes, sum.Node));
        Assert.Empty(Rank([], [Told("here", "a", 50, s_now)]));
    }

    [Fact]
    public void The_latest_word_of_a_node_counts_faded_to_now()
    {
        ImagePopularity sum = Assert.Single(Rank([], [Told("there", "a", 50, s_now.AddDays(-8)), Told("there", "a", 4, s_now.AddDays(-7))]));
        Assert.Equal((2, "there"), (sum.Score, sum.Node));
    }

    [Fact]
    public void A_sum_can_be_summed_again_and_is_not_counted_twice()
    {
        ImagePopularity sum = Assert.Single(Rank([], [Told("one", "a", 1, s_now), Told("two", "a", 2, s_now)]));
        ImagePopularity again = Assert.Single(Rank([Told("here", "a", 4, s_now)], [sum, sum]));
        Assert.Equal((7, 3), (again.Score, again.Nodes));
    }

    [Fact]
    public void An_image_that_one_node_knows_by_its_file_only_is_the_same_image()
    {
        ImagePopularity nameless = Told("here", "a", 1, s_now) with { Id = null, Name = null };
        ImagePopularity sum = Assert.Single(Rank([nameless], [Told("there", "a", 1, s_now) with { Name = "alma" }]));
        Assert.Equal(("a", "alma", 2), (sum.Id, sum.Name, sum.Score));
    }

    [Fact]
    public void Numbers_end_and_never_wrap_round()
    {
        ImagePopularity sum = Assert.Single(Rank([], [Told("one", "a", 1, s_now) with { TotalUses = long.MaxValue, Nodes = int.MaxValue }, Told("two", "a", 1, s_now) with { TotalUses = 5 }]));
        Assert.Equal((long.MaxValue, int.MaxValue), (sum.TotalUses, sum.Nodes));
    }

    private static IReadOnlyList<ImagePopularity> Rank(IReadOnlyList<ImagePopularity> local, IReadOnlyList<ImagePopularity> imported)
        => PopularityRanking.Rank(local, imported, "here", s_decay, s_now);

    private static ImagePopularity Told(string node, string id, double score, DateTimeOffset at)
        => new() { Id = id, BaseName = CacheLayout.BaseName(id), Node = node, Score = score, TotalUses = 1, MeasuredAt = at };
}
