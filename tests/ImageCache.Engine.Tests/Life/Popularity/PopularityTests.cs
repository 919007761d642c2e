using System.Text;
using FsCheck;
using FsCheck.Fluent;
using ImageCache.Engine.Life.Popularity;
using ImageCache.Engine.Requests;
using ImageCache.Engine.Store;
using ImageCache.Engine.Tests.Faults;
using Xunit;

namespace ImageCache.Engine.Tests.Life.Popularity;

/// <summary>The popularity of images by the front door: what is counted, what is kept, and what damage does.</summary>
public sealed class PopularityTests : IAsyncDisposable
{
    private readonly EngineBed _bed = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private string Document => Path.Join(_bed.Layout.PrivatePath, CacheLayout.PopularityName);

    private string Notes => Path.Join(_bed.Layout.PrivatePath, CacheLayout.UsesName);

    public ValueTask DisposeAsync() => _bed.DisposeAsync();

    [Fact]
    public async Task Fetches_hits_and_disks_are_uses_and_upkeep_is_none()
    {
        FakeImage image = _bed.Cloud.Add(new FakeImage { Name = "one", Data = TestData.Noise(10_000) });
        await _bed.FetchAsync(image.Id);
        await _bed.FetchAsync(image.Id);
        await _bed.FetchAsync(new FetchRequest { Image = image.Id, IsUpkeep = true });
        await DiskAsync(image.Id, "u1");
        await DiskAsync(image.Id, "u2");

        ImagePopularity told = Assert.Single(await TellAsync());
        Assert.Equal((image.Id, "one", 2, 4, true), (told.Id, told.Name, told.Uses, told.TotalUses, told.IsCached));
        Assert.InRange(told.Score, 3.99, 4);
        Assert.Equal((1, 1, Environment.MachineName, 10_000), (told.Rank, told.Nodes, told.Node, told.Size));
        Assert.False(File.Exists(Notes), "what was summed up is still noted");
        Directory.Move(InstancePath("u1"), InstancePath("u1_resize"));
        told = Assert.Single(await TellAsync());
        Assert.Equal((2, 4), (told.Uses, told.TotalUses));
        Directory.Delete(InstancePath("u2"), recursive: true);
        Assert.Equal(2, Assert.Single(await TellAsync(new PopularityRequest { Scan = false })).Uses);
        Assert.Equal(1, Assert.Single(await TellAsync()).Uses);
    }

    [Fact]
    public async Task No_service_is_asked()
    {
        FakeImage image = _bed.Cloud.Add(new FakeImage { Data = TestData.Noise(1000) });
        await _bed.FetchAsync(image.Id);
        int before = _bed.Server.Requests.Count;
        Assert.Single(await TellAsync());
        Assert.Equal(before, _bed.Server.Requests.Count);
    }

    [Fact]
    public async Task An_image_that_nova_brought_is_known_by_its_file()
    {
        string baseName = CacheLayout.BaseName("novas");
        File.WriteAllBytes(_bed.Layout.BasePath(baseName), TestData.Noise(5000));
        await DiskAsync("novas", "u1");
        ImagePopularity told = Assert.Single(await TellAsync());
        Assert.Equal((null, baseName, 1, 5000, true), (told.Id, told.BaseName, told.Uses, told.Size, told.IsCached));
    }

    [Fact]
    public async Task An_image_that_is_gone_is_remembered_with_all_that_was_known()
    {
        FakeImage image = _bed.Cloud.Add(new FakeImage { Name = "gone", Data = TestData.Noise(1000) });
        await _bed.FetchAsync(image.Id);
        Assert.True(Assert.Single(await TellAsync()).IsCached);
        ImageCacheEngine engine = _bed.Open();
        await engine.RemoveAsync(await engine.PlanRemovalAsync(image.Id, force: false, _bed.Monitor, Token), _bed.Monitor, Token);
        ImagePopularity told = Assert.Single(await TellAsync());
        Assert.Equal((image.Id, "gone", false), (told.Id, told.Name, told.IsCached));
        Assert.NotNull(told.Visibility);
    }

    [Fact]
    public async Task Many_at_once_lose_no_use()
    {
        const int Each = 50;
        FakeImage image = _bed.Cloud.Add(new FakeImage { Data = TestData.Noise(1000) });
        await _bed.FetchAsync(image.Id);
        ImageCacheEngine[] engines = [_bed.Open(TimeProvider.System), _bed.Open(TimeProvider.System), _bed.Open(TimeProvider.System)];
        await Parallel.ForEachAsync(engines, Token, async (engine, token) =>
        {
            for (int count = 0; count < Each; count++)
            {
                await _bed.FetchAsync(new FetchRequest { Image = image.Id }, engine);
                if (count % 10 == 0)
                {
                    await engine.GetPopularityAsync(new PopularityRequest { Scan = false }, _bed.Monitor, token);
                }
            }
        });
        Assert.Equal(1 + (engines.Length * Each), Assert.Single(await TellAsync()).TotalUses);
    }

    [Theory]
    [InlineData("{")]
    [InlineData("[]")]
    [InlineData("{\"schemaVersion\": 1, \"images\": [{\"baseName\": 7}]}")]
    [InlineData("{\"schemaVersion\": 1, \"images\": null}")]
    public async Task A_damaged_statistic_is_set_aside_and_begun_anew(string damage)
    {
        FakeImage image = _bed.Cloud.Add(new FakeImage { Data = TestData.Noise(1000) });
        await _bed.FetchAsync(image.Id);
        await TellAsync();
        File.WriteAllText(Document, damage);
        await _bed.FetchAsync(image.Id);
        Assert.Equal(1, Assert.Single(await TellAsync()).TotalUses);
        Assert.Contains(_bed.Warnings, static warning => warning.Contains("statistic", StringComparison.Ordinal));
        Assert.Contains(Directory.GetFiles(_bed.Layout.QuarantinePath), path => File.ReadAllText(path) == damage);
        Assert.Empty(_bed.Leftovers());
    }

    [Fact]
    public async Task A_statistic_of_a_newer_version_is_left_alone()
    {
        FakeImage image = _bed.Cloud.Add(new FakeImage { Data = TestData.Noise(1000) });
        await _bed.FetchAsync(image.Id);
        const string Newer = "{\"schemaVersion\": 99, \"pictures\": 1}";
        File.WriteAllText(Document, Newer);
        Assert.Single(await TellAsync());
        Assert.Equal(Newer, File.ReadAllText(Document));
    }

    [Fact]
    public async Task Whatever_lies_in_place_of_statistic_and_notes_images_are_told()
    {
        FakeImage image = _bed.Cloud.Add(new FakeImage { Data = TestData.Noise(1000) });
        await _bed.FetchAsync(image.Id);
        await TellAsync();
        byte[] whole = File.ReadAllBytes(Document);
        byte[] note = Encoding.UTF8.GetBytes($"{{\"time\":\"2026-11-21T12:00:00Z\",\"id\":\"{image.Id}\"}}\n");
        PopularityStore store = Store();
        Prop.ForAll<int, byte, byte[]>((at, value, noise) =>
        {
            byte[] broken = [.. whole];
            broken[(int)((uint)at % (uint)broken.Length)] = value;
            File.WriteAllBytes(Document, broken);
            File.WriteAllBytes(Notes, [.. noise, (byte)'\n', .. note, .. note[..(int)((uint)at % (uint)note.Length)]]);
            PopularityReading reading = store.Read();
            return reading.ScoreOf(CacheLayout.BaseName(image.Id)) > 0 && reading.Scores.Values.All(static score => double.IsFinite(score) && score >= 0);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(500));
    }

    [Fact]
    public async Task A_link_in_place_of_the_notes_is_not_followed()
    {
        FakeImage image = _bed.Cloud.Add(new FakeImage { Data = TestData.Noise(1000) });
        await _bed.FetchAsync(image.Id);
        File.Delete(Notes);
        string victim = _bed.Directory["victim"];
        File.WriteAllText(victim, "mine");
        File.CreateSymbolicLink(Notes, victim);
        await _bed.FetchAsync(image.Id);
        await TellAsync();
        Assert.Equal("mine", File.ReadAllText(victim));
    }

    [Fact]
    public async Task Owners_and_a_number_narrow_what_is_told()
    {
        FakeImage[] images = [.. Enumerable.Range(0, 3).Select(index => _bed.Cloud.Add(new FakeImage { Name = $"i{index}", Data = TestData.Noise(1000, index) }))];
        for (int index = 0; index < images.Length; index++)
        {
            for (int use = 0; use <= index; use++)
            {
                await _bed.FetchAsync(images[index].Id);
            }
        }

        Assert.Equal(["i2", "i1"], (await TellAsync(new PopularityRequest { First = 2 })).Select(static image => image.Name));
        Assert.Empty(await TellAsync(new PopularityRequest { Owners = ["nobody"] }));
        string owner = (await TellAsync())[0].Owner!;
        Assert.Equal(3, (await TellAsync(new PopularityRequest { Owners = [owner] })).Count);
    }

    [Fact]
    public async Task Exports_are_summed_where_there_is_no_cache()
    {
        _bed.CachePath = _bed.Directory["nowhere/_base"];
        ImagePopularity other = new() { Id = "a", BaseName = CacheLayout.BaseName("a"), Node = "there", Score = 2, MeasuredAt = DateTimeOffset.UtcNow };
        Assert.Equal("a", Assert.Single(await TellAsync(new PopularityRequest { Imported = [other] })).Id);
        await Assert.ThrowsAsync<UnavailableException>(() => TellAsync());
    }

    private PopularityStore Store() => new(
        new CacheDirectory(_bed.Layout, mayCreate: false),
        new Engine.Configuration.ImageCacheConfiguration { CachePath = _bed.CachePath },
        new TemporaryDirectoryFactory(_bed.Layout),
        new ImageDescriber(_bed.Layout, _bed.Records, static () => []),
        TimeProvider.System);

    private Task<IReadOnlyList<ImagePopularity>> TellAsync(PopularityRequest? request = null)
        => _bed.Open().GetPopularityAsync(request ?? new PopularityRequest(), _bed.Monitor, Token);

    private string InstancePath(string instance) => Path.Join(_bed.Layout.InstancesPath, instance);

    private Task DiskAsync(string imageId, string instance) => Qemu.OverlayAsync(Path.Join(InstancePath(instance), "disk"), _bed.BasePath(imageId));
}
