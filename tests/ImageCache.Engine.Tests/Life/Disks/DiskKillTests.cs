using ImageCache.Engine.Requests;
using ImageCache.Engine.Store;
using ImageCache.Engine.Tests.Faults;
using Xunit;

namespace ImageCache.Engine.Tests.Life.Disks;

/// <summary>A process that dies while it makes a disk leaves a whole disk or none, and the next one cleans.</summary>
public sealed class DiskKillTests : IAsyncLifetime
{
    private readonly DiskBed _bed = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _bed.Image = _bed.Node.Cloud.Add(new FakeImage { Name = "large", Data = [.. DiskBed.WithHole(), .. TestData.Noise(60 << 20)] });
        await _bed.Node.FetchAsync(_bed.Image.Id);
    }

    public ValueTask DisposeAsync() => _bed.DisposeAsync();

    [Theory]
    [InlineData(WorkStage.Verifying, false)]
    [InlineData(WorkStage.Transferring, false)]
    [InlineData(WorkStage.Publishing, false)]
    [InlineData(WorkStage.Verifying, true)]
    [InlineData(WorkStage.Publishing, true)]
    public async Task A_killed_process_leaves_a_whole_disk_or_none(WorkStage stage, bool overlay)
    {
        string path = _bed.NewPath();
        string told;
        using (ProbeProcess probe = ProbeProcess.Start(
            _bed.Node, [$"--image={_bed.Image.Id}", $"--disk={path}", $"--kill-at={stage}", .. overlay ? (string[])["--target"] : ["--raw"]]))
        {
            told = await probe.WaitForEndAsync();
            Assert.True(probe.WasKilled || probe.ExitCode == 0, told);
        }

        if (File.Exists(path))
        {
            Assert.True(await IsImageAsync(path, overlay), "half a disk has the name");
        }

        DiskRequest request = _bed.Request(path) with { Force = true, Format = overlay ? InstanceDiskFormat.Qcow2 : InstanceDiskFormat.Raw, UseTarget = overlay };
        await _bed.MakeAsync(request);
        Assert.Equal([path], Directory.GetFileSystemEntries(Path.GetDirectoryName(path)!));
        Assert.True(await IsImageAsync(path, overlay), "the disk is not the image");
        await foreach (InitializationResult _ in _bed.Node.Open().InitializeAsync(create: false, dryRun: false, _bed.Node.Monitor, Token))
        {
        }

        Assert.Empty(_bed.Node.Leftovers());
        Assert.Equal(RecordState.Valid, _bed.Node.RecordOf(_bed.Image.Id).State);
    }

    private async Task<bool> IsImageAsync(string path, bool overlay)
    {
        byte[] content = await _bed.ReadAsync(path, overlay ? "qcow2" : "raw");
        return content.AsSpan().SequenceEqual(_bed.Image.Data);
    }
}
