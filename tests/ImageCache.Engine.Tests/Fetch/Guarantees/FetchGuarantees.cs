using ImageCache.Engine.Requests;
using ImageCache.Engine.Store;
using ImageCache.Engine.Tests.Faults;
using Xunit;

namespace ImageCache.Engine.Tests.Fetch.Guarantees;

/// <summary>What a fetch promises within one process, wherever the bytes come from.</summary>
public abstract class FetchGuarantees : OriginTests
{
    private const int MiB = 1 << 20;
    private const int Many = 8;


    private protected FetchGuarantees(ByteOrigin origin)
        : base(origin)
    {
    }

    [Fact]
    public async Task An_image_comes_whole_and_once()
    {
        FakeImage image = await AddAsync();

        BaseImage fetched = await Node.FetchAsync(image.Id);
        BaseImage hit = await Node.FetchAsync(image.Id);

        Assert.Equal((false, image.Data.Length, Origin.Method, DigestStatus.Verified), (fetched.Hit, fetched.BytesTransferred, fetched.Method, fetched.DigestStatus));
        Assert.Equal((true, 0), (hit.Hit, hit.BytesTransferred));
        Node.AssertWhole(image.Id, image.Data);
        Origin.AssertMoved(image, 1);
        Assert.Empty(Node.Warnings);
    }

    [Theory]
    [InlineData(FetchMethod.Auto)]
    [InlineData(null)]
    public async Task Wrong_bytes_are_refused_and_not_looked_for_elsewhere(FetchMethod? method)
    {
        FakeImage image = await AddAsync(new FakeImage { Data = Noise(), Extra = new() { ["os_hash_value"] = new string('7', 128) } });

        FetchOutcome outcome = await Node.TryFetchAsync(new FetchRequest { Image = image.Id, Method = method });

        Assert.Equal(ErrorIds.DigestMismatch, Assert.IsType<VerificationException>(outcome.Error).ErrorId);
        Assert.Equal(image.Id, outcome.Error.ImageId);
        Node.AssertNothingLeft(image.Id, ErrorIds.DigestMismatch);
        Assert.InRange(Node.DataRequests(image.Id), 0, Origin.Method == BaseImageMethod.Download ? 1 : 0);
        Assert.Empty(Node.Warnings);
    }

    [Fact]
    public async Task The_rate_limit_holds()
    {
        FakeImage image = await AddAsync();
        Node.Settings["rate_limit"] = "1MiB";

        await Node.FetchAsync(image.Id);

        TimeSpan waited = Node.Time.Waits.Aggregate(TimeSpan.Zero, static (sum, wait) => sum + wait);
        Assert.True(waited > TimeSpan.FromSeconds(4), $"{waited} were waited");
    }

    [Fact]
    public async Task Progress_counts_up_to_the_size_of_the_image()
    {
        byte[] data = new byte[12 * MiB];
        Noise().CopyTo(data, 2 * MiB);
        FakeImage image = await AddAsync(new FakeImage { Data = data });
        Node.Settings["rate_limit"] = "8MiB";
        using RunningFetch fetch = RunningFetch.Start(Node, image.Id);
        List<ProgressSnapshot> seen = [];
        while (!fetch.IsCompleted)
        {
            seen.AddRange(fetch.Monitor.Sample().Where(static item => item.Stage == WorkStage.Transferring));
        }

        Assert.Null((await fetch.EndAsync()).Error);
        Assert.All(seen, item => Assert.Equal(data.Length, item.Total));
        long[] done = [.. seen.Select(static item => item.Done)];
        Assert.Equal(done.Order(), done);
        Assert.InRange(done[^1], 8 * MiB, data.Length);
        Assert.True(done.Distinct().Count() > 4, $"only {string.Join(", ", done.Distinct())} were seen");
        Assert.Empty(fetch.Monitor.Sample());
    }

    [Theory]
    [InlineData(WorkStage.Resolving, 0)]
    [InlineData(WorkStage.Transferring, 0)]
    [InlineData(WorkStage.Transferring, 3 * MiB)]
    [InlineData(WorkStage.Verifying, 0)]
    [InlineData(WorkStage.Converting, 0)]
    [InlineData(WorkStage.Publishing, 0)]
    public async Task Cancelled_at_any_step_there_is_all_or_nothing(WorkStage stage, int done)
    {
        byte[] disk = TestData.Noise(24 * MiB);
        FakeImage image = await AddAsync(new FakeImage { DiskFormat = "qcow2", Data = await Qemu.ToQcow2Async(Node.Directory, disk) });
        using RunningFetch fetch = RunningFetch.Start(Node, image.Id);
        bool seen = await fetch.ReachAsync(stage, done);
        bool cancelled = await fetch.CancelAsync();

        Assert.True(seen || stage is WorkStage.Verifying or WorkStage.Publishing, $"{stage} was not seen");
        Assert.True(cancelled || stage is WorkStage.Verifying or WorkStage.Publishing, "it was done before");
        if (cancelled)
        {
            AssertGone(image);
        }
        else
        {
            Node.AssertWhole(image.Id, disk);
        }
    }

    [Fact]
    public async Task A_source_that_says_nothing_more_is_left_at_once()
    {
        // Nothing but the cancellation can end the wait within the patience of this test.
        Node.Settings["idle_timeout"] = "600";
        Node.Settings["rate_limit"] = "32MiB";
        FakeImage image = await AddAsync(new FakeImage { Data = TestData.Noise(96 * MiB) });
        Origin.PrepareSilence(image);
        using RunningFetch fetch = RunningFetch.Start(Node, image.Id);
        await fetch.ReachAsync(WorkStage.Transferring, MiB);
        await using IAsyncDisposable silence = await Origin.SilenceAsync();
        await fetch.StandStillAsync();

        Assert.True(await fetch.CancelAsync(), "it was done");

        AssertGone(image);
    }

    [Fact]
    public async Task Eight_tasks_of_one_engine_move_the_bytes_once()
    {
        FakeImage image = await AddAsync();
        FetchRequest[] requests = [.. Enumerable.Repeat(new FetchRequest { Image = image.Id }, Many)];
        List<FetchOutcome> outcomes = [];
        await foreach (FetchOutcome outcome in Node.Open().FetchAsync(requests, Many, Node.Monitor, Token))
        {
            outcomes.Add(outcome);
        }

        AssertOneFetched(image, outcomes);
    }

    [Fact]
    public async Task Eight_engines_of_one_process_move_the_bytes_once()
    {
        FakeImage image = await AddAsync();
        Task<FetchOutcome>[] fetches = [.. Enumerable.Range(0, Many).Select(_ => Node.Open())
            .Select(engine => Task.Run(() => Node.TryFetchAsync(new FetchRequest { Image = image.Id }, engine), Token))];
        AssertOneFetched(image, await Task.WhenAll(fetches));
    }

    [Fact]
    public async Task When_the_one_is_cancelled_the_next_one_brings_it()
    {
        FakeImage image = await AddAsync();
        Node.Settings["rate_limit"] = "4MiB";
        using RunningFetch first = RunningFetch.Start(Node, image.Id);
        await first.ReachAsync(WorkStage.Transferring, 1);
        Node.Settings.Remove("rate_limit");
        using RunningFetch second = RunningFetch.Start(Node, image.Id);
        await second.ReachAsync(WorkStage.Waiting);

        Assert.True(await first.CancelAsync(), "it was done");

        Assert.False((await second.EndAsync()).Image?.Hit);
        Node.AssertWhole(image.Id, image.Data);
    }

    private static byte[] Noise() => TestData.Noise(6 * MiB);

    private Task<FakeImage> AddAsync(FakeImage? image = null) => Origin.AddAsync(image ?? new FakeImage { Data = Noise() });

    private void AssertGone(FakeImage image)
    {
        Assert.Empty(Origin.Children());
        Assert.False(Path.Exists(Node.BasePath(image.Id)), "a base file was left");
        Assert.Equal(RecordState.Missing, Node.RecordOf(image.Id).State);
        Assert.Empty(Node.Leftovers());
        Assert.Empty(Node.Events());
        if (Directory.Exists(Node.Layout.LocksPath))
        {
            using BaseFileLock? free = BaseFileLock.TryAcquire(Node.Layout.LockPath(CacheLayout.BaseName(image.Id)));
            Assert.NotNull(free);
        }
    }

    private void AssertOneFetched(FakeImage image, IReadOnlyCollection<FetchOutcome> outcomes)
    {
        Assert.Equal(Many, outcomes.Count);
        Assert.All(outcomes, static outcome => Assert.True(outcome.Error is null, outcome.Error?.ToString()));
        Assert.Single(outcomes, static outcome => outcome.Image!.Hit == false);
        Origin.AssertMoved(image, 1);
        Node.AssertWhole(image.Id, image.Data);
        Assert.Equal(Many - 1, Node.RecordOf(image.Id).Record!.UseCount);
        Assert.Single(Node.Events(), static told => told.GetProperty("event").GetString() == "fetched");
    }
}
