using System.Diagnostics;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using ImageCache.Engine.OpenStack.Volumes;
using ImageCache.Engine.Requests;
using ImageCache.Engine.Store;
using ImageCache.Engine.Tests.Lab;
using ImageCache.Engine.Volumes;
using Xunit;

namespace ImageCache.Engine.Tests.Volumes;

/// <summary>Links to volumes of a real Cinder, by its os-brick, on every backend that works in the lab.</summary>
[Collection(LabTests.Name)]
public sealed class LinkLabTests : IAsyncDisposable
{
    private const int Size = 16 << 20;

    private readonly LabCloud _lab;
    private readonly EngineBed _node = new();
    private readonly VolumeHoldStore _holds;
    private readonly List<string> _made = [];

    public LinkLabTests(LabCloud lab)
    {
        _lab = lab;
        _lab.RequireStore("cinder");
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "needs root to mount");
        IReadOnlyList<string> missing = VolumeExporter.Missing();
        Assert.SkipUnless(missing.Count == 0, string.Join("; ", missing));
        _lab.Serve(_node);

        string state = _node.Directory["volumes"];
        _node.Settings["volume_state_path"] = state;
        _holds = new VolumeHoldStore(state, _node.CachePath);
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        foreach (string name in _holds.Names())
        {
            File.Delete(_node.Layout.BasePath(name));
        }

        // A project may have few volumes, so these go at once, and what Cinder's own image cache kept of them.
        await InitializeAsync();
        foreach (string id in _made)
        {
            await _lab.DeleteAsync(id);
            foreach (string volume in (await RunAsync("openstack", "volume", "list", "--all-projects", "--name", "image-" + id, "-f", "value", "-c", "ID")).Split('\n', StringSplitOptions.RemoveEmptyEntries))
            {
                await RunAsync("openstack", "volume", "delete", volume);
            }
        }

        await _node.DisposeAsync();
    }

    [Theory]
    [InlineData("multi")]
    [InlineData("rbd")]
    [InlineData("nfs")]
    public async Task AnImageInAVolumeIsLinkedLivesThroughARebootAndGoesWithoutATrace(string type)
    {
        byte[] disk = RandomNumberGenerator.GetBytes(Size);
        string id = await MakeAsync(type, disk);
        BaseImage linked = await _node.FetchAsync(new FetchRequest { Image = id, Method = FetchMethod.VolumeLink });
        Assert.Equal((BaseImageState.Linked, DigestStatus.Verified, Size), (linked.State, linked.DigestStatus, linked.VirtualSize));
        await AssertOverlayReadsAsync(linked.Path, disk);

        VolumeHold hold = _holds.Read(CacheLayout.BaseName(id))!;
        Process.GetProcessById(hold.View!.ProcessId).Kill();
        if (hold.Connected!.Path is { } file)
        {
            await RunAsync("umount", "-l", Path.GetDirectoryName(file)!);
        }

        Assert.Equal(InitializationAction.Relinked, Assert.Single(await InitializeAsync()).Action);
        await AssertOverlayReadsAsync(linked.Path, disk);

        ImageCacheEngine engine = _node.Open(TimeProvider.System);
        await engine.RemoveAsync(await engine.PlanRemovalAsync(id, force: false, _node.Monitor, Token), _node.Monitor, Token);
        Assert.False(Path.Exists(linked.Path));
        Assert.Empty(_holds.Names());
        Assert.Equal(("available", string.Empty), await VolumeAsync(hold.VolumeId));
    }

    [Theory]
    [InlineData("rbd", false)]
    [InlineData("rbd", true)]
    [InlineData("nfs", false)]
    public async Task AVolumeOfOneNodeAtATimeIsCopiedWhetherItIsInUseOrNot(string type, bool isInUse)
    {
        _node.Settings["volume_in_use"] = "clone";
        (_node.Variables["OS_USERNAME"], _node.Variables["OS_PROJECT_NAME"]) = ("nova", "service");
        await using LabVolume image = await LabVolume.CreateAsync(_lab, type, Size);
        CinderAttachment? other = isInUse ? await AttachElsewhereAsync(image) : null;

        BaseImage linked = await _node.FetchAsync(new FetchRequest { Image = image.ImageId, Method = FetchMethod.VolumeLink });
        Assert.Equal((BaseImageState.Linked, DigestStatus.Verified), (linked.State, linked.DigestStatus));
        await AssertOverlayReadsAsync(linked.Path, image.Data);
        VolumeHold hold = _holds.Read(CacheLayout.BaseName(image.ImageId))!;
        Assert.Equal(image.VolumeId, hold.ClonedFrom);
        Assert.NotEqual(image.VolumeId, hold.VolumeId);
        Assert.Equal(isInUse ? CinderVolume.InUse : CinderVolume.Available, (await image.Cinder.ShowVolumeAsync(image.VolumeId, Token)).Status);

        // What the record and Cinder know is enough to go on with.
        _holds.Delete(CacheLayout.BaseName(image.ImageId));
        Process.GetProcessById(hold.View!.ProcessId).Kill();
        Assert.Equal(InitializationAction.Relinked, Assert.Single(await InitializeAsync()).Action);
        Assert.Equal(hold.VolumeId, _holds.Read(CacheLayout.BaseName(image.ImageId))!.VolumeId);
        await AssertOverlayReadsAsync(linked.Path, image.Data);

        ImageCacheEngine engine = _node.Open(TimeProvider.System);
        await engine.RemoveAsync(await engine.PlanRemovalAsync(image.ImageId, force: false, _node.Monitor, Token), _node.Monitor, Token);
        Assert.Null(await image.Cinder.FindVolumeAsync(hold.VolumeId, Token));
        if (other is not null)
        {
            await image.Cinder.DeleteAttachmentAsync(other.Id, Token);
        }
    }

    private static async Task<CinderAttachment> AttachElsewhereAsync(LabVolume image)
    {
        CinderAttachment other = await image.Cinder.ReserveAsync(image.VolumeId, Token);
        await image.Cinder.UpdateAttachmentAsync(other.Id, new JsonObject { ["host"] = "node-2", ["ip"] = "127.0.0.1", ["platform"] = "x86_64", ["os_type"] = "linux" }, "node-2", Token);
        await image.Cinder.CompleteAsync(other.Id, Token);
        return other;
    }

    // An instance's disk: qemu-io reads the image's bytes through it, and writes above it.
    private async Task AssertOverlayReadsAsync(string path, byte[] disk)
    {
        string overlay = _node.Directory["overlay"];
        File.Delete(overlay);
        await RunAsync("qemu-img", "create", "-q", "-f", "qcow2", "-b", path, "-F", "raw", overlay, "32M");
        await RunAsync("qemu-io", "-f", "qcow2", "-c", "write -P 7 1M 64k", "-c", "read -P 7 1M 64k", overlay);
        await RunAsync("qemu-img", "convert", "-O", "raw", overlay, overlay + ".raw");
        byte[] seen = await File.ReadAllBytesAsync(overlay + ".raw", Token);
        Assert.True(disk.AsSpan(0, 1 << 20).SequenceEqual(seen.AsSpan(0, 1 << 20)) && disk.AsSpan(2 << 20).SequenceEqual(seen.AsSpan(2 << 20, Size - (2 << 20))), "other bytes");
    }

    private async Task<string> MakeAsync(string type, byte[] disk)
    {
        string source = await _lab.UploadAsync(new LabImage { Data = disk });
        _made.Add(source);
        string name = "imagecache-test-link-" + Guid.NewGuid().ToString("N");
        string id = (await RunAsync(Repository.Find("tests/lab/volume-image")!, "--type", type, "--name", name, source)).Trim();
        _made.Add(id);
        return id;
    }

    private async Task<List<InitializationResult>> InitializeAsync()
        => await _node.Open(TimeProvider.System).InitializeAsync(create: false, dryRun: false, _node.Monitor, CancellationToken.None).ToListAsync(CancellationToken.None);

    private async Task<(string Status, string Attachments)> VolumeAsync(string id)
    {
        string[] words = (await RunAsync("openstack", "volume", "show", id, "-f", "value", "-c", "status", "-c", "attachments")).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        return (words[^1], words[0].Trim('[', ']'));
    }

    private async Task<string> RunAsync(string program, params string[] arguments)
    {
        ProcessStartInfo start = new(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach ((string name, string value) in _lab.Environment)
        {
            start.Environment[name] = value;
        }

        using Process process = Process.Start(start)!;
        Task<string> error = process.StandardError.ReadToEndAsync(Token);
        string output = await process.StandardOutput.ReadToEndAsync(Token);
        await process.WaitForExitAsync(Token);
        Assert.True(process.ExitCode == 0, $"{program} {string.Join(' ', arguments)}: {await error}{output}");
        return output;
    }
}
