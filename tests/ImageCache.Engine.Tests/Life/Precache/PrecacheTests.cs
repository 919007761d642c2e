using ImageCache.Engine.Requests;
using ImageCache.Engine.Store;
using ImageCache.Engine.Tests.Faults;
using Xunit;

namespace ImageCache.Engine.Tests.Life.Precache;

/// <summary>Bringing images before they are asked for, against a cloud in memory.</summary>
public sealed class PrecacheTests : IAsyncDisposable
{
    private readonly EngineBed _bed = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _bed.DisposeAsync();

    [Fact]
    public async Task The_most_popular_come_and_a_second_run_finds_them_here()
    {
        FakeImage[] images = Add(4);
        PrecacheRequest request = new() { First = 2, Imported = Popular(images) };
        IReadOnlyList<FetchOutcome> outcomes = await RunAsync(request);
        Assert.Equal([images[3].Id, images[2].Id], outcomes.Select(static outcome => outcome.Image!.Id).OrderByDescending(id => id == images[3].Id));
        Assert.All(outcomes, static outcome => Assert.False(outcome.Image!.Hit));
        Assert.Equal(2, BaseFiles());
        int asked = _bed.Server.Requests.Count;
        Assert.All(await RunAsync(request), static outcome => Assert.True(outcome.Image!.Hit));
        Assert.Equal(asked, _bed.Server.Requests.Count);
    }

    [Fact]
    public async Task What_is_brought_early_is_no_more_popular_for_it()
    {
        FakeImage[] images = Add(1);
        await RunAsync(new PrecacheRequest { Images = [images[0].Id] });
        await RunAsync(new PrecacheRequest { Images = [images[0].Id] });
        Assert.Empty(await _bed.Open().GetPopularityAsync(new PopularityRequest(), _bed.Monitor, Token));
    }

    [Fact]
    public async Task Only_owners_and_visibilities_that_are_wanted_come_for_their_popularity()
    {
        FakeImage wanted = _bed.Cloud.Add(new FakeImage { Owner = "operator", Data = TestData.Noise(1000, 1) });
        FakeImage users = _bed.Cloud.Add(new FakeImage { Owner = "user", Data = TestData.Noise(1000, 2) });
        FakeImage hidden = _bed.Cloud.Add(new FakeImage { Owner = "operator", Visibility = "private", Data = TestData.Noise(1000, 3) });
        FakeImage mine = _bed.Cloud.Add(new FakeImage { Owner = "operator", Data = TestData.Noise(1000, 4) });
        _bed.Settings["precache_owners"] = "operator";
        // Of some only the id is known, and Glance tells the rest.
        ImagePopularity[] told = [Told(users, 9) with { Owner = null, Visibility = null }, Told(hidden, 8) with { Visibility = null }, Told(wanted, 7), Told(mine, 6) with { Owner = null }];
        IReadOnlyList<FetchOutcome> outcomes = await RunAsync(new PrecacheRequest { First = 2, Imported = told });
        Assert.Equal(new[] { wanted.Id, mine.Id }.Order(), outcomes.Select(static outcome => outcome.Image!.Id!).Order());
    }

    [Fact]
    public async Task A_list_is_brought_whatever_its_owner_and_failures_stop_nothing()
    {
        _bed.Settings["precache_owners"] = "somebody";
        FakeImage[] images = Add(2);
        IReadOnlyList<FetchOutcome> outcomes = await RunAsync(new PrecacheRequest { Images = [images[0].Id, Guid.Empty.ToString(), images[1].Name!, images[1].Id] });
        Assert.Equal(3, outcomes.Count);
        Assert.Equal(ErrorIds.ImageNotFound, outcomes.Single(static outcome => outcome.Error is not null).Error!.ErrorId);
        Assert.Equal(2, BaseFiles());
    }

    [Fact]
    public async Task A_query_brings_what_it_finds_the_most_popular_first()
    {
        FakeImage[] images = Add(3);
        _bed.Cloud.Add(new FakeImage { Name = "other", Data = TestData.Noise(10) });
        IReadOnlyList<PrecacheChoice> plan = await _bed.Open()
            .PlanPrecacheAsync(new PrecacheRequest { Query = new FindRequest { Name = "image-*" }, Imported = Popular(images), First = 2 }, _bed.Monitor, Token);
        Assert.Equal([images[2].Id, images[1].Id], plan.Select(static choice => choice.Image!.Id));
    }

    [Fact]
    public async Task What_does_not_fit_is_told_and_what_fits_comes()
    {
        FakeImage large = _bed.Cloud.Add(new FakeImage { Name = "large", Data = TestData.Noise(500_000) });
        FakeImage small = _bed.Cloud.Add(new FakeImage { Name = "small", Data = TestData.Noise(1000) });
        IReadOnlyList<FetchOutcome> outcomes = await RunAsync(new PrecacheRequest { Images = [large.Id, small.Id], MaximumSize = 100_000 });
        Assert.Equal(small.Id, Assert.Single(outcomes).Image!.Id);
        Assert.Contains(_bed.Warnings, static warning => warning.Contains("'large'", StringComparison.Ordinal));
        Assert.Equal(0, _bed.DataRequests(large.Id));
    }

    [Fact]
    public async Task The_caps_of_the_cache_hold_for_all_images_of_a_run_together()
    {
        _bed.Settings["maximum_size"] = "700000";
        FakeImage[] images = [.. Enumerable.Range(0, 3).Select(index => _bed.Cloud.Add(new FakeImage { Data = TestData.Noise(300_000, index) }))];
        IReadOnlyList<FetchOutcome> outcomes = await RunAsync(new PrecacheRequest { Images = [.. images.Select(static image => image.Id)] });
        Assert.Equal(2, outcomes.Count);
        Assert.All(outcomes, static outcome => Assert.Null(outcome.Error));
    }

    [Fact]
    public async Task A_storm_of_503s_is_survived_or_told_for_each_image()
    {
        FakeImage[] images = Add(3);
        foreach (FakeImage image in images.Take(2))
        {
            _bed.Server.Next("GET", FakeCloud.DataPath(image.Id), Busy, Busy);
        }

        _bed.Server.Always("GET", FakeCloud.DataPath(images[2].Id), Busy);
        IReadOnlyList<FetchOutcome> outcomes = await RunAsync(new PrecacheRequest { Images = [.. images.Select(static image => image.Id)] });
        Assert.Equal(2, outcomes.Count(static outcome => outcome.Image is not null));
        Assert.IsType<UnavailableException>(outcomes.Single(static outcome => outcome.Error is not null).Error);
        Assert.Equal(2, BaseFiles());
        Assert.Empty(_bed.Leftovers());

        static FaultAnswer Busy(FaultAnswer answer) => FaultAnswer.Text("busy", 503);
    }

    [Fact]
    public async Task The_jitter_is_random_within_its_bound_and_asks_nobody_before()
    {
        FakeImage[] images = Add(1);
        PrecacheRequest request = new() { Images = [images[0].Id], Jitter = TimeSpan.FromHours(1) };
        for (int round = 0; round < 20; round++)
        {
            await _bed.Open().PlanPrecacheAsync(request, _bed.Monitor, Token);
        }

        TimeSpan[] waits = [.. _bed.Time.Waits.Where(static wait => wait > TimeSpan.FromMinutes(1))];
        Assert.InRange(waits.Distinct().Count(), 10, 20);
        Assert.All(waits, static wait => Assert.InRange(wait, TimeSpan.Zero, TimeSpan.FromHours(1)));
    }

    [Fact]
    public async Task The_jitter_shows_that_it_waits_and_can_be_cancelled()
    {
        FakeImage[] images = Add(1);
        using CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
        Task<IReadOnlyList<PrecacheChoice>> plan = _bed.Open(TimeProvider.System)
            .PlanPrecacheAsync(new PrecacheRequest { Images = [images[0].Id], Jitter = TimeSpan.FromDays(7) }, _bed.Monitor, stop.Token);
        Assert.Equal(WorkStage.Waiting, Assert.Single(_bed.Monitor.Sample()).Stage);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => plan);
        Assert.Empty(_bed.Server.Requests);
        Assert.Empty(_bed.Monitor.Sample());
    }

    [Fact]
    public async Task A_run_without_uses_brings_nothing()
    {
        Add(2);
        Assert.Empty(await RunAsync(new PrecacheRequest()));
        Assert.Equal(0, BaseFiles());
    }

    private FakeImage[] Add(int count)
        => [.. Enumerable.Range(0, count).Select(index => _bed.Cloud.Add(new FakeImage { Name = $"image-{index}", Data = TestData.Noise(20_000, index) }))];

    // The last the most.
    private static ImagePopularity[] Popular(FakeImage[] images) => [.. images.Select(static (image, index) => Told(image, index + 1))];

    private static ImagePopularity Told(FakeImage image, double score) => new()
    {
        Id = image.Id,
        BaseName = CacheLayout.BaseName(image.Id),
        Node = "elsewhere",
        Owner = image.Owner,
        Visibility = image.Visibility,
        Score = score,
        MeasuredAt = DateTimeOffset.UtcNow,
    };

    private int BaseFiles() => Directory.GetFiles(_bed.CachePath).Length;

    private async Task<IReadOnlyList<FetchOutcome>> RunAsync(PrecacheRequest request)
    {
        ImageCacheEngine engine = _bed.Open();
        List<FetchOutcome> outcomes = [];
        IReadOnlyList<PrecacheChoice> choices = await engine.PlanPrecacheAsync(request, _bed.Monitor, Token);
        await foreach (FetchOutcome outcome in engine.PrecacheAsync(choices, null, _bed.Monitor, Token))
        {
            outcomes.Add(outcome);
        }

        return outcomes;
    }
}
