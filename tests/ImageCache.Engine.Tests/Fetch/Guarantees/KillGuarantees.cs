using ImageCache.Engine.Store;
using ImageCache.Engine.Tests.Faults;
using Xunit;

namespace ImageCache.Engine.Tests.Fetch.Guarantees;

/// <summary>kill -9 at each step of a fetch, wherever the bytes come from: there is a whole, verified base image or none, and the next run cleans up.</summary>
public abstract class KillGuarantees : OriginTests
{
    private const int MiB = 1 << 20;

    private readonly KilledNode _killed;

    private protected KillGuarantees(ByteOrigin origin)
        : base(origin)
    {
        _killed = new KilledNode(origin);
    }

    [Theory]
    [InlineData(WorkStage.Resolving, 0, 0)]
    [InlineData(WorkStage.Transferring, 0, 0)]
    [InlineData(WorkStage.Transferring, 1, 0)]
    [InlineData(WorkStage.Transferring, 9 * MiB, 0)]
    [InlineData(WorkStage.Verifying, 0, 0)]
    [InlineData(WorkStage.Verifying, 0, 10_000)]
    [InlineData(WorkStage.Converting, 0, 0)]
    [InlineData(WorkStage.Converting, 0, 20_000)]
    [InlineData(WorkStage.Converting, 4 * MiB, 0)]
    [InlineData(WorkStage.Publishing, 0, 0)]
    [InlineData(WorkStage.Publishing, 0, 300)]
    [InlineData(WorkStage.Publishing, 0, 1_000)]
    [InlineData(WorkStage.Publishing, 0, 3_000)]
    [InlineData(WorkStage.Publishing, 0, 8_000)]
    public async Task A_fetch_killed_in_a_stage_leaves_all_or_nothing(WorkStage stage, long done, int microseconds)
    {
        byte[] disk = TestData.Noise(16 * MiB);
        FakeImage image = await AddQcow2Async(disk);

        await _killed.KillAsync(image, mustHit: microseconds == 0, $"--kill-at={stage}", $"--kill-after={done}", $"--kill-delay-us={microseconds}");

        _killed.AssertAllOrNothing(image, disk);
        await _killed.AssertNoChildrenAsync();
        await Node.FetchAsync(image.Id);
        Node.AssertWhole(image.Id, disk);
    }

    [Theory]
    [InlineData(WorkStage.Transferring)]
    [InlineData(WorkStage.Converting)]
    [InlineData(WorkStage.Publishing)]
    public async Task Initialize_clears_what_a_killed_fetch_left(WorkStage stage)
    {
        FakeImage image = await AddQcow2Async(TestData.Noise(16 * MiB));
        await _killed.KillAsync(image, mustHit: true, $"--kill-at={stage}");
        Assert.NotEmpty(Node.Leftovers());

        using ProbeProcess initializer = ProbeProcess.Start(Node);
        string told = await initializer.WaitForEndAsync();

        Assert.Equal(0, initializer.ExitCode);
        Assert.Contains("INIT RemovedLeftover", told, StringComparison.Ordinal);
        Assert.Empty(Node.Leftovers());
        Assert.Equal(File.Exists(Node.BasePath(image.Id)), Node.RecordOf(image.Id).State == RecordState.Valid);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(500)]
    [InlineData(2_000)]
    [InlineData(6_000)]
    public async Task A_replacement_killed_while_it_is_published_leaves_one_of_the_two(int microseconds)
    {
        FakeImage image = await Origin.AddAsync(new FakeImage { Data = TestData.Noise(3_000_000) });
        await Node.FetchAsync(image.Id);
        FakeImage next = await Origin.AddAsync(image with { Data = TestData.Noise(3_000_000, seed: 2) });

        await _killed.KillAsync(image, mustHit: microseconds == 0, "--kill-at=Publishing", $"--kill-delay-us={microseconds}", "--force");

        byte[] there = await File.ReadAllBytesAsync(Node.BasePath(image.Id), TestContext.Current.CancellationToken);
        Assert.True(there.AsSpan().SequenceEqual(image.Data) || there.AsSpan().SequenceEqual(next.Data), "the base file is neither");
        await Node.FetchAsync(image.Id, force: true);
        Node.AssertWhole(image.Id, next.Data);
    }

    private async Task<FakeImage> AddQcow2Async(byte[] disk)
        => await Origin.AddAsync(new FakeImage { DiskFormat = "qcow2", Data = await Qemu.ToQcow2Async(Node.Directory, disk) });
}
