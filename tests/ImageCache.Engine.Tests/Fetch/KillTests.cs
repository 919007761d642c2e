using System.Diagnostics;
using System.Text;
using ImageCache.Engine.Store;
using ImageCache.Engine.Tests.Faults;
using Xunit;

namespace ImageCache.Engine.Tests.Fetch;

/// <summary>kill -9 of a process that fetches: afterwards there is a whole, verified base image or none, and the next run cleans up.</summary>
public sealed class KillTests : IAsyncDisposable
{
    private readonly EngineBed _bed = new();

    public ValueTask DisposeAsync() => _bed.DisposeAsync();

    [Theory]
    [InlineData(WorkStage.Resolving, 0, 0)]
    [InlineData(WorkStage.Transferring, 0, 0)]
    [InlineData(WorkStage.Transferring, 1, 0)]
    [InlineData(WorkStage.Transferring, 9 << 20, 0)]
    [InlineData(WorkStage.Transferring, 24 << 20, 0)]
    [InlineData(WorkStage.Verifying, 0, 0)]
    [InlineData(WorkStage.Verifying, 0, 15_000)]
    [InlineData(WorkStage.Converting, 0, 0)]
    [InlineData(WorkStage.Converting, 0, 40_000)]
    [InlineData(WorkStage.Converting, 8 << 20, 0)]
    [InlineData(WorkStage.Publishing, 0, 0)]
    [InlineData(WorkStage.Publishing, 0, 300)]
    [InlineData(WorkStage.Publishing, 0, 1_000)]
    [InlineData(WorkStage.Publishing, 0, 3_000)]
    [InlineData(WorkStage.Publishing, 0, 8_000)]
    [InlineData(WorkStage.Publishing, 0, 20_000)]
    public async Task A_fetch_killed_in_a_stage_leaves_all_or_nothing(WorkStage stage, long done, int microseconds)
    {
        byte[] disk = TestData.Noise(32 << 20);
        FakeImage image = _bed.Cloud.Add(new FakeImage { DiskFormat = "qcow2", Data = await Qemu.ToQcow2Async(_bed.Directory, disk) });

        await KillAsync(image, mustHit: microseconds == 0, $"--kill-at={stage}", $"--kill-after={done}", $"--kill-delay-us={microseconds}");

        AssertAllOrNothing(image, disk);
        await AssertNoChildrenAsync();
        await _bed.FetchAsync(image.Id);
        _bed.AssertWhole(image.Id, disk);
    }

    [Fact]
    public async Task A_fetch_killed_at_any_moment_leaves_all_or_nothing()
    {
        byte[] disk = TestData.Noise(8 << 20);
        FakeImage image = _bed.Cloud.Add(new FakeImage { DiskFormat = "qcow2", Data = await Qemu.ToQcow2Async(_bed.Directory, disk) });
        Random random = new(4711);
        for (int i = 0; i < 8; i++)
        {
            using ProbeProcess probe = ProbeProcess.Start(_bed, $"--image={image.Id}", "--wait");
            await probe.WaitForAsync("READY");
            await probe.GoAsync();
            await Task.Delay(random.Next(400), TestContext.Current.CancellationToken);
            probe.Kill();
            await probe.WaitForEndAsync();
            AssertAllOrNothing(image, disk);
            File.Delete(_bed.BasePath(image.Id));
        }

        await AssertNoChildrenAsync();
        await _bed.FetchAsync(image.Id);
        _bed.AssertWhole(image.Id, disk);
    }

    [Theory]
    [InlineData(WorkStage.Transferring)]
    [InlineData(WorkStage.Converting)]
    [InlineData(WorkStage.Publishing)]
    public async Task Initialize_clears_what_a_killed_fetch_left(WorkStage stage)
    {
        byte[] disk = TestData.Noise(16 << 20);
        FakeImage image = _bed.Cloud.Add(new FakeImage { DiskFormat = "qcow2", Data = await Qemu.ToQcow2Async(_bed.Directory, disk) });
        await KillAsync(image, mustHit: true, $"--kill-at={stage}");
        Assert.NotEmpty(_bed.Leftovers());

        using ProbeProcess initializer = ProbeProcess.Start(_bed);
        string told = await initializer.WaitForEndAsync();

        Assert.Equal(0, initializer.ExitCode);
        Assert.Contains("INIT RemovedLeftover", told, StringComparison.Ordinal);
        Assert.Empty(_bed.Leftovers());
        Assert.Equal(File.Exists(_bed.BasePath(image.Id)), _bed.RecordOf(image.Id).State == RecordState.Valid);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(500)]
    [InlineData(2_000)]
    [InlineData(6_000)]
    public async Task A_replacement_killed_while_it_is_published_leaves_one_of_the_two(int microseconds)
    {
        FakeImage image = _bed.Cloud.Add(new FakeImage { Data = TestData.Noise(3_000_000) });
        await _bed.FetchAsync(image.Id);
        FakeImage next = _bed.Cloud.Add(image with { Data = TestData.Noise(3_000_000, seed: 2) });

        await KillAsync(image, mustHit: microseconds == 0, "--kill-at=Publishing", $"--kill-delay-us={microseconds}", "--force");

        byte[] there = await File.ReadAllBytesAsync(_bed.BasePath(image.Id), TestContext.Current.CancellationToken);
        Assert.True(there.AsSpan().SequenceEqual(image.Data) || there.AsSpan().SequenceEqual(next.Data), "the base file is neither");
        await _bed.FetchAsync(image.Id, force: true);
        _bed.AssertWhole(image.Id, next.Data);
    }

    // The probe must reach the stage; with a delay it may be through before.
    private async Task KillAsync(FakeImage image, bool mustHit, params string[] arguments)
    {
        using ProbeProcess probe = ProbeProcess.Start(_bed, [$"--image={image.Id}", .. arguments]);
        string told = await probe.WaitForEndAsync();
        Assert.True(probe.WasKilled || (!mustHit && probe.ExitCode == 0), $"it ended with {probe.ExitCode}: {told}");
    }

    private void AssertAllOrNothing(FakeImage image, byte[] disk)
    {
        if (!File.Exists(_bed.BasePath(image.Id)))
        {
            return;
        }

        Assert.True(disk.AsSpan().SequenceEqual(File.ReadAllBytes(_bed.BasePath(image.Id))), "the base file is not whole");
        ImageRecord record = _bed.RecordOf(image.Id).Record!;
        Assert.Equal(DigestStatus.Verified, record.DigestStatus);
        Assert.Equal(disk.Length, record.Size);
    }

    // The kernel kills the children, but not in the same moment; one that was just being started may end by itself.
    private async Task AssertNoChildrenAsync()
    {
        Stopwatch clock = Stopwatch.StartNew();
        while (Children() is [string first, ..])
        {
            Assert.True(clock.Elapsed < TimeSpan.FromSeconds(60), $"still running: {first}");
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }
    }

    private List<string> Children()
        => [.. Directory.EnumerateDirectories("/proc").Where(static path => char.IsAsciiDigit(path[^1])).Select(CommandOf)
            .Where(command => command.Contains(_bed.Layout.TemporaryPath, StringComparison.Ordinal))];

    private static string CommandOf(string process)
    {
        try
        {
            return Encoding.UTF8.GetString(File.ReadAllBytes(Path.Join(process, "cmdline"))).Replace('\0', ' ');
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It ended meanwhile, or is another user's.
            return string.Empty;
        }
    }
}
