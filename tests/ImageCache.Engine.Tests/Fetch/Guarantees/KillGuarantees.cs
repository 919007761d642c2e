using ImageCache.Engine.Store;
using ImageCache.Engine.Tests.Faults;
using Xunit;

namespace ImageCache.Engine.Tests.Fetch.Guarantees;

/// <summary>kill -9 at each step of a fetch, wherever the bytes come from: there is a whole, verified base image or none, and the next run cleans up.</summary>
public abstract class KillGuarantees : OriginTests
{
    private const int MiB = 1 << 20;

    private protected KillGuarantees(ByteOrigin origin)
        : base(origin) => Killed = new KilledNode(origin);

    private protected KilledNode Killed { get; }

    [Theory]
    [InlineData(WorkStage.Resolving, 0)]
    [InlineData(WorkStage.Transferring, 0)]
    [InlineData(WorkStage.Transferring, 9 * MiB)]
    [InlineData(WorkStage.Verifying, 0)]
    [InlineData(WorkStage.Converting, 0)]
    [InlineData(WorkStage.Converting, 4 * MiB)]
    [InlineData(WorkStage.Publishing, 0)]
    public Task A_fetch_killed_in_a_stage_leaves_all_or_nothing(WorkStage stage, long done)
        => KillAndFetchAsync(mustHit: true, $"--kill-at={stage}", $"--kill-after={done}");

    [Theory]
    [InlineData(WorkStage.Transferring)]
    [InlineData(WorkStage.Publishing)]
    public async Task Initialize_clears_what_a_killed_fetch_left(WorkStage stage)
    {
        FakeImage image = await AddQcow2Async(TestData.Noise(16 * MiB));
        await Killed.KillAsync(image, mustHit: true, $"--kill-at={stage}");
        Assert.NotEmpty(Node.Leftovers());

        using ProbeProcess initializer = ProbeProcess.Start(Node);
        string told = await initializer.WaitForEndAsync();

        Assert.Equal(0, initializer.ExitCode);
        Assert.Contains("INIT RemovedLeftover", told, StringComparison.Ordinal);
        Assert.Empty(Node.Leftovers());
        Assert.Equal(File.Exists(Node.BasePath(image.Id)), Node.RecordOf(image.Id).State == RecordState.Valid);
    }

    /// <summary>Kills a fetch, looks what is left, and fetches again.</summary>
    private protected async Task KillAndFetchAsync(bool mustHit, params string[] moment)
    {
        byte[] disk = TestData.Noise(16 * MiB);
        FakeImage image = await AddQcow2Async(disk);

        await Killed.KillAsync(image, mustHit, moment);

        Killed.AssertAllOrNothing(image, disk);
        await Killed.AssertNoChildrenAsync();
        await Node.FetchAsync(image.Id);
        Node.AssertWhole(image.Id, disk);
    }

    private async Task<FakeImage> AddQcow2Async(byte[] disk)
        => await Origin.AddAsync(new FakeImage { DiskFormat = "qcow2", Data = await Qemu.ToQcow2Async(Node.Directory, disk) });
}
