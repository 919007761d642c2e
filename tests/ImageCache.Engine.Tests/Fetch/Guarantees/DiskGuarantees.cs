using ImageCache.Engine.Requests;
using ImageCache.Engine.Store;
using ImageCache.Engine.Tests.Faults;
using Xunit;

namespace ImageCache.Engine.Tests.Fetch.Guarantees;

/// <summary>What a fetch promises when the disk is full, wherever the bytes come from.</summary>
public abstract class DiskGuarantees : OriginTests
{
    private SmallFileSystem? _disk;

    private protected DiskGuarantees(ByteOrigin origin)
        : base(origin)
    {
    }

    public override async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        _disk?.Dispose();
        await base.DisposeAsync();
    }

    [Fact]
    public async Task A_disk_that_fills_up_during_the_transfer_ends_it()
    {
        Mount("size=16m");
        await FillDuringTransferAsync();
    }

    [Fact]
    public async Task A_disk_that_is_written_past_the_page_cache_may_fill_up_too()
    {
        Use(static path => SmallFileSystem.MountDisk(path, mib: 24));
        await FillDuringTransferAsync();
    }

    [Fact]
    public async Task A_disk_that_fills_up_during_the_conversion_ends_it()
    {
        Mount("size=8m");
        byte[] data = await Qemu.ToQcow2Async(Node.Directory, Compressible(24 << 20), "-c");
        FakeImage image = await Origin.AddAsync(new FakeImage { DiskFormat = "qcow2", Data = data });
        AssertFull(image, await Node.TryFetchAsync(image.Id));
    }

    [Fact]
    public async Task A_disk_that_takes_the_image_and_nothing_more_has_all_or_nothing()
    {
        FakeImage image = await Origin.AddAsync(new FakeImage { Data = TestData.Noise(25 * 4096) });
        for (int size = 100; ; size += 4)
        {
            Mount($"size={size}k");
            FetchOutcome outcome = await Node.TryFetchAsync(image.Id);
            if (outcome.Error is null)
            {
                Assert.True(size > 100, "there was room for a record from the beginning");
                Node.AssertWhole(image.Id, image.Data);
                return;
            }

            AssertFull(image, outcome);
            Assert.True(size < 200, "it never found room");
            Assert.Contains("no room left", outcome.Error.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task An_earlier_file_survives_a_full_disk()
    {
        Mount("size=8m");
        FakeImage image = await Origin.AddAsync(new FakeImage { Data = TestData.Noise(3 << 20) });
        await Node.FetchAsync(image.Id);
        _disk!.Fill();

        Assert.Equal(ErrorIds.DiskFull, (await Node.TryFetchAsync(image.Id, force: true)).Error?.ErrorId);

        Node.AssertWhole(image.Id, image.Data);
        Assert.True((await Node.FetchAsync(image.Id)).Hit);
    }

    [Fact]
    public async Task However_few_files_there_is_room_for_there_is_all_or_nothing()
    {
        FakeImage image = await Origin.AddAsync(new FakeImage { Data = TestData.Noise(100_000) });
        bool failed = false;
        for (int files = 4; ; files += Origin.Step)
        {
            Mount($"size=8m,nr_inodes={files}");
            FetchOutcome outcome = await Node.TryFetchAsync(image.Id);
            if (outcome.Error is null)
            {
                Node.AssertWhole(image.Id, image.Data);
                break;
            }

            failed = true;
            Assert.True(files < 40, outcome.Error.ToString());
            Assert.Contains(outcome.Error.ErrorId, (string[])[ErrorIds.DiskFull, ErrorIds.CacheUnavailable]);
            AssertNothingLeft(image);
        }

        Assert.True(failed, "no limit was ever met");
    }

    private async Task FillDuringTransferAsync()
    {
        FakeImage image = await Origin.AddAsync(new FakeImage { Data = TestData.Noise(8 << 20) });
        Node.Settings["rate_limit"] = "8MiB";
        using RunningFetch fetch = RunningFetch.Start(Node, image.Id);
        await fetch.ReachAsync(WorkStage.Transferring, 1);
        _disk!.Fill();

        AssertFull(image, await fetch.EndAsync());

        Assert.Empty(Origin.Children());
        Assert.InRange(Node.DataRequests(image.Id), 0, 1);
    }

    private static byte[] Compressible(int length)
    {
        byte[] disk = new byte[length];
        for (int i = 0; i < length; i++)
        {
            disk[i] = (byte)((i >> 4) | 1);
        }

        return disk;
    }

    private void Mount(string options) => Use(path => SmallFileSystem.Mount(path, options));

    private void Use(Func<string, SmallFileSystem> mount)
    {
        _disk?.Dispose();
        _disk = mount(Node.Directory["disk"]);
        Node.CachePath = Path.Join(_disk.FullPath, "_base");
        Directory.CreateDirectory(Node.CachePath);
    }

    private void AssertFull(FakeImage image, FetchOutcome outcome)
    {
        Assert.Equal(ErrorIds.DiskFull, Assert.IsType<UnavailableException>(outcome.Error).ErrorId);
        AssertNothingLeft(image);
    }

    // The disk may have been too full for the event that tells of it.
    private void AssertNothingLeft(FakeImage image)
    {
        Assert.False(Path.Exists(Node.BasePath(image.Id)), "a base file was left");
        Assert.Equal(RecordState.Missing, Node.RecordOf(image.Id).State);
        Assert.Empty(Node.Leftovers());
    }
}
