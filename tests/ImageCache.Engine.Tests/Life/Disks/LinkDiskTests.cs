using ImageCache.Engine.Requests;
using ImageCache.Engine.Tests.Faults;
using ImageCache.Engine.Tests.Volumes;
using Xunit;

namespace ImageCache.Engine.Tests.Life.Disks;

/// <summary>Disks on links to volumes.</summary>
public sealed class LinkDiskTests : IAsyncDisposable
{
    private readonly LinkBed _bed = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _bed.DisposeAsync();

    [Fact]
    public async Task A_link_is_a_base_and_nobody_is_asked()
    {
        FakeImage image = _bed.Add();
        await _bed.LinkAsync(image);
        int before = _bed.Node.Server.Requests.Count;
        InstanceDisk overlay = await MakeAsync(new DiskRequest { Image = image.Id, Path = _bed.Node.Directory["instances/overlay"], Size = 8 << 20, UseTarget = true });
        InstanceDisk copy = await MakeAsync(new DiskRequest { Image = image.Id, Path = _bed.Node.Directory["instances/copy"], Format = InstanceDiskFormat.Raw });
        Assert.Equal(before, _bed.Node.Server.Requests.Count);
        Assert.Equal(_bed.Node.BasePath(image.Id), overlay.Base);
        Assert.Equal(_bed.Data, await File.ReadAllBytesAsync(copy.Path, Token));
        string raw = _bed.Node.Directory["raw"];
        await Qemu.RunAsync("convert", "-f", "qcow2", "-O", "raw", overlay.Path, raw);
        Assert.Equal(_bed.Data, (await File.ReadAllBytesAsync(raw, Token))[..LinkBed.Size]);
        File.Delete(overlay.Path);
    }

    [Fact]
    public async Task A_link_whose_volume_is_gone_is_no_base_until_it_is_brought_back()
    {
        FakeImage image = _bed.Add();
        await _bed.LinkAsync(image);
        _bed.KillViews();
        int before = _bed.Node.Server.Requests.Count;
        DiskRequest request = new() { Image = image.Id, Path = _bed.Node.Directory["instances/copy"], Format = InstanceDiskFormat.Raw };
        UnavailableException error = await Assert.ThrowsAsync<UnavailableException>(() => MakeAsync(request));
        Assert.Equal(ErrorIds.VolumeConnectionFailed, error.ErrorId);
        Assert.Equal(before, _bed.Node.Server.Requests.Count);
        await _bed.InitializeAsync();
        await MakeAsync(request);
    }

    private async Task<InstanceDisk> MakeAsync(DiskRequest request)
    {
        ImageCacheEngine engine = _bed.Node.Open();
        DiskPlan plan = await engine.PlanDiskAsync(request, _bed.Node.Monitor, Token);
        return await engine.CreateDiskAsync(plan, _bed.Node.Monitor, Token);
    }
}
