using System.Security.Cryptography;
using ImageCache.Engine.Requests;
using ImageCache.Engine.Store;
using ImageCache.Engine.Tests.Faults;
using Xunit;

namespace ImageCache.Engine.Tests.Fetch;

/// <summary>Caches that are full, read-only, missing, or not what they seem.</summary>
public sealed class DiskFaultTests : IAsyncDisposable
{
    private readonly EngineBed _bed = new();
    private SmallFileSystem? _disk;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        _disk?.Dispose();
        await _bed.DisposeAsync();
    }

    [Fact]
    public async Task An_image_without_a_known_size_that_fills_the_disk_is_given_up()
    {
        Mount("size=8m");
        byte[] data = TestData.Noise(16 << 20);
        _bed.Server.On("GET", "/public/large.img", FaultAnswer.Bytes(data) with { Chunked = true });
        string checksum = "sha256:" + Convert.ToHexStringLower(SHA256.HashData(data));

        FetchOutcome outcome = await _bed.TryFetchAsync(new FetchRequest { Uri = new Uri(_bed.Server.Address, "public/large.img").ToString(), Checksum = checksum });

        AssertFull(outcome, checksum);
    }

    [Fact]
    public async Task A_read_only_cache_cannot_take_an_image_but_tells_what_it_holds()
    {
        Mount("size=8m");
        FakeImage image = _bed.Cloud.Add(new FakeImage { Name = "read-only", Data = TestData.Noise(100_000) });
        FakeImage other = _bed.Cloud.Add(new FakeImage { Data = TestData.Noise(100_000) });
        await _bed.FetchAsync(image.Id);
        _disk!.MakeReadOnly();

        AssertUnavailable(await _bed.TryFetchAsync(other.Id));
        Assert.Equal(0, _bed.DataRequests(other.Id));
        ImageCacheEngine engine = _bed.Open();
        List<BaseImage> listed = [];
        await foreach (BaseImage found in engine.ListAsync(new ListRequest(), _bed.Monitor, Token))
        {
            listed.Add(found);
        }

        Assert.Equal(image.Id, Assert.Single(listed).Id);
        RemovalPlan plan = await engine.PlanRemovalAsync(image.Id, force: false, _bed.Monitor, Token);
        UnavailableException error = await Assert.ThrowsAsync<UnavailableException>(() => engine.RemoveAsync(plan, _bed.Monitor, Token));
        Assert.Equal(ErrorIds.CacheUnavailable, error.ErrorId);
        Assert.True(File.Exists(_bed.BasePath(image.Id)), "it was removed");
    }

    [Fact]
    public async Task A_missing_cache_is_not_made()
    {
        _bed.CachePath = _bed.Directory["missing/_base"];
        AssertUnavailable(await _bed.TryFetchAsync(Guid.NewGuid().ToString()));
        Assert.False(Path.Exists(_bed.Directory["missing"]), "it was made");
        Assert.Empty(_bed.Server.Requests);
    }

    [Fact]
    public async Task A_file_in_place_of_the_cache_is_refused()
    {
        _bed.CachePath = _bed.Directory["file"];
        File.WriteAllText(_bed.CachePath, "no directory");
        AssertUnavailable(await _bed.TryFetchAsync(Guid.NewGuid().ToString()));
        Assert.Equal("no directory", File.ReadAllText(_bed.CachePath));
    }

    [Theory]
    [InlineData("")]
    [InlineData("records")]
    [InlineData("tmp")]
    [InlineData("quarantine")]
    public async Task A_link_in_place_of_a_directory_of_ours_is_not_followed(string name)
    {
        FakeImage image = _bed.Cloud.Add(new FakeImage { Data = TestData.Noise(1000) });
        string elsewhere = _bed.Directory["elsewhere"];
        Directory.CreateDirectory(elsewhere);
        string link = Path.TrimEndingDirectorySeparator(Path.Join(_bed.Layout.PrivatePath, name));
        Directory.CreateDirectory(Path.GetDirectoryName(link)!);
        Directory.CreateSymbolicLink(link, elsewhere);

        AssertUnavailable(await _bed.TryFetchAsync(image.Id));

        Assert.Empty(Directory.EnumerateFileSystemEntries(elsewhere));
        Assert.False(File.Exists(_bed.BasePath(image.Id)), "it was published");
    }

    [Fact]
    public async Task A_link_in_place_of_the_event_log_is_not_followed()
    {
        FakeImage image = _bed.Cloud.Add(new FakeImage { Data = TestData.Noise(1000) });
        Directory.CreateDirectory(_bed.Layout.PrivatePath);
        File.CreateSymbolicLink(_bed.Layout.EventsPath, _bed.Directory["elsewhere"]);
        await _bed.FetchAsync(image.Id);
        Assert.False(File.Exists(_bed.Directory["elsewhere"]), "the event was written elsewhere");
    }

    [Fact]
    public async Task A_cache_reached_through_a_link_is_used()
    {
        FakeImage image = _bed.Cloud.Add(new FakeImage { Data = TestData.Noise(1000) });
        string link = _bed.Directory["linked"];
        Directory.CreateSymbolicLink(link, _bed.CachePath);
        _bed.CachePath = link;
        await _bed.FetchAsync(image.Id);
        _bed.AssertWhole(image.Id, image.Data);
    }

    [Theory]
    [InlineData("maximum_size", "150000")]
    [InlineData("minimum_free", "8MiB")]
    public async Task An_image_beyond_a_limit_is_refused_and_a_smaller_one_is_not(string setting, string value)
    {
        Mount("size=9m");
        _bed.Settings[setting] = value;
        FakeImage small = _bed.Cloud.Add(new FakeImage { Data = TestData.Noise(90_000) });
        FakeImage large = _bed.Cloud.Add(new FakeImage { Data = TestData.Noise(2_000_000) });
        await _bed.FetchAsync(small.Id);
        FetchOutcome outcome = await _bed.TryFetchAsync(large.Id);
        AssertFull(outcome, large.Id);
        Assert.Contains(setting, outcome.Error!.Message, StringComparison.Ordinal);
        Assert.Equal(0, _bed.DataRequests(large.Id));
    }

    private void Mount(string options)
    {
        _disk?.Dispose();
        _disk = SmallFileSystem.Mount(_bed.Directory["disk"], options);
        _bed.CachePath = Path.Join(_disk.FullPath, "_base");
        Directory.CreateDirectory(_bed.CachePath);
    }

    private static void AssertUnavailable(FetchOutcome outcome)
    {
        Assert.Equal(ErrorIds.CacheUnavailable, Assert.IsType<UnavailableException>(outcome.Error).ErrorId);
        Assert.NotNull(outcome.Error.NextStep);
    }

    private void AssertFull(FetchOutcome outcome, string imageId)
    {
        Assert.Equal(ErrorIds.DiskFull, Assert.IsType<UnavailableException>(outcome.Error).ErrorId);
        Assert.False(Path.Exists(_bed.BasePath(imageId)), "a base file was left");
        Assert.Equal(RecordState.Missing, _bed.RecordOf(imageId).State);
        Assert.Empty(_bed.Leftovers());
    }
}
