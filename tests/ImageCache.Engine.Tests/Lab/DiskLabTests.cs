using System.Security.Cryptography;
using ImageCache.Engine.Requests;
using ImageCache.Engine.Tests.Ceph;
using Xunit;

namespace ImageCache.Engine.Tests.Lab;

/// <summary>Disks on images of a real cloud whose services do not answer any more.</summary>
[Collection(LabTests.Name)]
public sealed class DiskLabTests : IAsyncDisposable
{
    private readonly LabCloud _lab;
    private readonly EngineBed _bed = new();

    public DiskLabTests(LabCloud lab)
    {
        _lab = lab;
        _lab.Serve(_bed);
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _bed.DisposeAsync();

    [Fact]
    public async Task Disks_are_made_while_every_service_hangs()
    {
        byte[] data = RandomNumberGenerator.GetBytes(8 << 20);
        string id = await _lab.UploadAsync(new LabImage { Data = data });
        await _bed.FetchAsync(id);
        string overlay = _bed.Directory["instances/overlay"];
        string copy = _bed.Directory["instances/copy"];

        // Silent is worse than gone for whoever asks, and better for others who use this cloud now: they wait a moment.
        await using (LabOutage identity = await LabOutage.PauseAsync("keystone"))
        {
            await using LabOutage images = await LabOutage.PauseAsync("glance");
            await using LabOutage keys = await LabOutage.PauseAsync("barbican");
            await MakeAsync(new DiskRequest { Image = id, Path = overlay, Size = 16 << 20, UseTarget = true });
            await MakeAsync(new DiskRequest { Image = id, Path = copy, Format = InstanceDiskFormat.Raw });
        }

        Assert.True(data.AsSpan().SequenceEqual(File.ReadAllBytes(copy)), "the copy is not the image");
        await Qemu.RunAsync("convert", "-f", "qcow2", "-O", "raw", overlay, copy);
        Assert.True(data.AsSpan().SequenceEqual(File.ReadAllBytes(copy).AsSpan(0, data.Length)), "the overlay does not show the image");
        Assert.Empty(_bed.Warnings);
    }

    private async Task MakeAsync(DiskRequest request)
    {
        ImageCacheEngine engine = _bed.Open();
        DiskPlan plan = await engine.PlanDiskAsync(request, _bed.Monitor, Token);
        await engine.CreateDiskAsync(plan, _bed.Monitor, Token);
    }
}
