using System.Diagnostics;
using ImageCache.Engine.Requests;
using ImageCache.Engine.Store;
using ImageCache.Engine.Tests.Faults;
using Xunit;

namespace ImageCache.Engine.Tests.Life;

/// <summary>Telling what a cache holds.</summary>
public sealed class ListTests : IAsyncDisposable
{
    private readonly EngineBed _bed = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _bed.DisposeAsync();

    [Fact]
    public async Task A_hundred_thousand_files_stream()
    {
        const int Files = 100_000;
        const int Recorded = 300;
        string[] names = [.. Enumerable.Range(0, Files).Select(static i => CacheLayout.BaseName($"image-{i}"))];
        foreach (string name in names)
        {
            File.Create(_bed.Layout.BasePath(name)).Dispose();
        }

        await RecordAsync(Enumerable.Range(0, Recorded).Select(static i => $"image-{i}"));
        long begun = Stopwatch.GetTimestamp();
        List<BaseImage> all = await ListAsync(new ListRequest());
        TestContext.Current.TestOutputHelper?.WriteLine($"{Files} files listed in {Stopwatch.GetElapsedTime(begun).TotalSeconds:0.00} s");
        Assert.Equal(Files, all.Count);
        Assert.Equal(Recorded, all.Count(static image => image.State == BaseImageState.Ready));

        // Files that are taken away once the first one was told of are missed only by who had not read the whole directory before.
        int count = 0;
        await foreach (BaseImage image in _bed.Open().ListAsync(new ListRequest(), _bed.Monitor, Token))
        {
            foreach (string name in count++ == 0 ? names : [])
            {
                File.Delete(_bed.Layout.BasePath(name));
            }
        }

        Assert.InRange(count, 1, Files / 2);
    }

    [Fact]
    public async Task Ours_and_others_are_told_of_with_their_formats()
    {
        FakeImage image = _bed.Cloud.Add(new FakeImage { Name = "ours", Data = TestData.Noise(10_000) });
        await _bed.FetchAsync(image.Id);
        byte[] disk = new byte[4 << 20];
        Plant("qcow2", await Qemu.ToQcow2Async(_bed.Directory, disk));
        Plant("raw", TestData.Noise(1000));
        Plant("sparse", disk);
        Plant("empty", []);
        File.WriteAllText(Path.Join(_bed.CachePath, "swap_512"), "no image");
        File.WriteAllText(_bed.Layout.BasePath(CacheLayout.BaseName("part")) + ".part", "no image");
        Directory.CreateDirectory(_bed.Layout.BasePath(CacheLayout.BaseName("directory")));

        Dictionary<string, BaseImage> found = (await ListAsync(new ListRequest())).ToDictionary(static one => Path.GetFileName(one.Path));

        Assert.Equal(5, found.Count);
        BaseImage ours = found[CacheLayout.BaseName(image.Id)];
        Assert.Equal((BaseImageState.Ready, "ours", "raw", false), (ours.State, ours.Name, ours.DiskFormat, ours.InUse));
        BaseImage qcow2 = found[CacheLayout.BaseName("qcow2")];
        Assert.Equal((BaseImageState.Unrecorded, BaseImageMethod.Foreign, "qcow2", (long?)disk.Length), (qcow2.State, qcow2.Method, qcow2.DiskFormat, qcow2.VirtualSize));
        Assert.Equal("raw", found[CacheLayout.BaseName("raw")].DiskFormat);
        Assert.Null(found[CacheLayout.BaseName("raw")].Id);
    }

    [Theory]
    [InlineData("debian*", 2)]
    [InlineData("DEBIAN-1?", 2)]
    [InlineData("*", 4)]
    [InlineData("ubuntu", 1)]
    [InlineData("ubu", 0)]
    [InlineData("[du]*", 3)]
    public async Task A_name_pattern_chooses_among_recorded_names(string pattern, int count)
    {
        foreach (string name in (string[])["debian-12", "debian-13", "ubuntu", "cirros"])
        {
            await _bed.FetchAsync(_bed.Cloud.Add(new FakeImage { Name = name, Data = TestData.Noise(100) }).Id);
        }

        Assert.Equal(count, await CountAsync(new ListRequest { Name = pattern }));
    }

    [Fact]
    public async Task One_image_is_found_by_id_name_or_file_and_an_unknown_one_is_not()
    {
        FakeImage image = _bed.Cloud.Add(new FakeImage { Name = "one", Data = TestData.Noise(100) });
        await _bed.FetchAsync(image.Id);
        foreach (string reference in (string[])[image.Id, "one", CacheLayout.BaseName(image.Id)])
        {
            Assert.Equal(image.Id, Assert.Single(await ListAsync(new ListRequest { Image = reference })).Id);
        }

        NotFoundException error = await Assert.ThrowsAsync<NotFoundException>(() => ListAsync(new ListRequest { Image = "two" }));
        Assert.Equal(ErrorIds.ImageNotCached, error.ErrorId);
    }

    [Fact]
    public async Task Nobody_is_asked()
    {
        await _bed.FetchAsync(_bed.Cloud.Add(new FakeImage { Data = TestData.Noise(100) }).Id);
        int before = _bed.Server.ConnectionCount;
        Assert.Equal(1, await CountAsync(new ListRequest()));
        Assert.Equal(before, _bed.Server.ConnectionCount);
    }

    [Fact]
    public async Task A_damaged_file_or_record_shows_as_such()
    {
        FakeImage file = _bed.Cloud.Add(new FakeImage { Data = TestData.Noise(100) });
        FakeImage record = _bed.Cloud.Add(new FakeImage { Data = TestData.Noise(100) });
        await _bed.FetchAsync(file.Id);
        await _bed.FetchAsync(record.Id);
        await File.WriteAllBytesAsync(_bed.BasePath(file.Id), [1], Token);
        await File.WriteAllTextAsync(_bed.Layout.RecordPath(CacheLayout.BaseName(record.Id)), "{", Token);
        Assert.Equal(BaseImageState.Damaged, Assert.Single(await ListAsync(new ListRequest { Image = file.Id })).State);
        Assert.Equal(BaseImageState.Unrecorded, Assert.Single(await ListAsync(new ListRequest { Image = record.Id })).State);
        Assert.Contains(_bed.Warnings, static warning => warning.Contains("damaged", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_pipe_in_the_cache_holds_nobody_up()
    {
        await MakePipeAsync(_bed.Layout.BasePath(CacheLayout.BaseName("pipe")));
        await _bed.FetchAsync(_bed.Cloud.Add(new FakeImage { Data = TestData.Noise(100) }).Id);
        await MakePipeAsync(_bed.Layout.RecordPath(CacheLayout.BaseName("pipe")));
        Assert.Equal(2, (await ListAsync(new ListRequest()).WaitAsync(TimeSpan.FromSeconds(60), Token)).Count);
    }

    private static async Task MakePipeAsync(string path)
    {
        using Process make = Process.Start("mkfifo", [path]);
        await make.WaitForExitAsync(Token);
        Assert.Equal(0, make.ExitCode);
    }

    private void Plant(string id, byte[] content) => File.WriteAllBytes(_bed.Layout.BasePath(CacheLayout.BaseName(id)), content);

    private async Task RecordAsync(IEnumerable<string> ids)
    {
        new CacheDirectory(_bed.Layout, mayCreate: false).RequireWritable();
        using TemporaryDirectory temporary = await TemporaryDirectory.CreateAsync(_bed.Layout, Token);
        foreach (string id in ids)
        {
            ImageRecord record = new()
            {
                Id = id,
                Descriptor = new ImageDescriptor { Id = id, Name = "name of " + id },
                Method = BaseImageMethod.Download,
                DigestStatus = DigestStatus.Verified,
                DiskFormat = "raw",
                Size = 0,
                VirtualSize = 0,
                FetchedAt = DateTimeOffset.UtcNow,
            };
            _bed.Records.Write(record, temporary, durable: false);
        }
    }

    private async Task<List<BaseImage>> ListAsync(ListRequest request)
    {
        List<BaseImage> found = [];
        await foreach (BaseImage image in _bed.Open().ListAsync(request, _bed.Monitor, Token))
        {
            found.Add(image);
        }

        return found;
    }

    private async Task<int> CountAsync(ListRequest request) => (await ListAsync(request)).Count;
}
