using ImageCache.Engine.Store;
using ImageCache.Engine.Tests.Faults;
using Xunit;

namespace ImageCache.Engine.Tests.Fetch.Guarantees;

/// <summary>What processes that fetch promise: interrupted, killed or several at once, wherever the bytes come from.</summary>
public abstract class ProcessGuarantees : OriginTests
{
    private const int MiB = 1 << 20;
    private const int Many = 4;

    private protected ProcessGuarantees(ByteOrigin origin)
        : base(origin)
    {
        Killed = new KilledNode(origin);
    }

    private protected KilledNode Killed { get; }

    [Fact]
    public async Task Several_processes_move_the_bytes_once()
    {
        FakeImage image = await Origin.AddAsync(new FakeImage { Data = TestData.Noise(8 * MiB) });
        List<ProbeProcess> probes = [.. Enumerable.Range(0, Many).Select(_ => ProbeProcess.Start(Node, $"--image={image.Id}", "--wait"))];
        try
        {
            foreach (ProbeProcess probe in probes)
            {
                await probe.WaitForAsync("READY");
            }

            await Task.WhenAll(probes.Select(static probe => probe.GoAsync()));
            string[] told = await Task.WhenAll(probes.Select(static probe => probe.WaitForEndAsync()));

            Assert.All(probes, static probe => Assert.Equal(0, probe.ExitCode));
            Assert.Single(told, static output => output.Contains("FETCHED", StringComparison.Ordinal));
            Assert.Equal(Many - 1, told.Count(static output => output.Contains("HIT", StringComparison.Ordinal)));
            Origin.AssertMoved(image, 1);
            Node.AssertWhole(image.Id, image.Data);
            Assert.Equal(Many - 1, Node.RecordOf(image.Id).Record!.UseCount);
        }
        finally
        {
            probes.ForEach(static probe => probe.Dispose());
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_process_that_is_interrupted_cleans_up_before_it_ends(bool silent)
    {
        Node.Settings["idle_timeout"] = "600";
        Node.Settings["rate_limit"] = "4MiB";
        FakeImage image = await Origin.AddAsync(new FakeImage { Data = TestData.Noise(24 * MiB) });
        Origin.PrepareSilence(image);
        using ProbeProcess probe = ProbeProcess.Start(Node, $"--image={image.Id}");
        await probe.WaitForAsync("STAGE Transferring");
        await using IAsyncDisposable? silence = silent ? await Origin.SilenceAsync() : null;

        await probe.InterruptAsync();

        Assert.Contains("CANCELLED", await probe.WaitForEndAsync(), StringComparison.Ordinal);
        Assert.Equal(130, probe.ExitCode);
        Assert.Empty(Origin.Children());
        Assert.Empty(Node.Leftovers());
        Assert.Equal(RecordState.Missing, Node.RecordOf(image.Id).State);
        Assert.False(Path.Exists(Node.BasePath(image.Id)), "a base file was left");
    }

    [Fact]
    public async Task Fetches_that_succeed_fail_and_are_cancelled_keep_no_handle()
    {
        Node.Settings["rate_limit"] = "64MiB";
        FakeImage good = await Origin.AddAsync(new FakeImage { Data = TestData.Noise(MiB) });
        FakeImage wrong = await Origin.AddAsync(new FakeImage { Data = TestData.Noise(MiB), Extra = new() { ["os_hash_value"] = new string('7', 128) } });
        FakeImage large = await Origin.AddAsync(new FakeImage { Data = TestData.Noise(96 * MiB) });
        await FetchRoundsProbe.AssertNothingGrowsAsync(
            Node, rounds: Origin.Step < 4 ? 6 : 3, (good.Id, "FETCHED"), (wrong.Id, ErrorIds.DigestMismatch), ($"{large.Id} cancel", "CANCELLED"));
    }

    [Fact]
    public async Task A_fetch_killed_at_any_moment_leaves_all_or_nothing()
    {
        byte[] disk = TestData.Noise(8 * MiB);
        FakeImage image = await Origin.AddAsync(new FakeImage { DiskFormat = "qcow2", Data = await Qemu.ToQcow2Async(Node.Directory, disk) });
        Random random = new(4711);
        for (int i = 0; i < 8; i += Origin.Step)
        {
            using ProbeProcess probe = ProbeProcess.Start(Node, $"--image={image.Id}", "--wait");
            await probe.WaitForAsync("READY");
            await probe.GoAsync();
            await Task.Delay(random.Next(400 * Origin.Step), Token);
            probe.Kill();
            await probe.WaitForEndAsync();
            Killed.AssertAllOrNothing(image, disk);
            File.Delete(Node.BasePath(image.Id));
        }

        await Killed.AssertNoChildrenAsync();
        await Node.FetchAsync(image.Id);
        Node.AssertWhole(image.Id, disk);
    }
}
