using System.Security.Cryptography;
using System.Text.Json.Nodes;
using ImageCache.Engine.OpenStack;
using ImageCache.Engine.OpenStack.Volumes;
using ImageCache.Engine.Tests.Ceph;
using ImageCache.Engine.Volumes;
using Xunit;

namespace ImageCache.Engine.Tests.Lab;

/// <summary>Attaching, connecting and showing volumes with a real Cinder, a real os-brick and a real Ceph.</summary>
[Collection(LabTests.Name)]
public sealed class VolumeLabTests(LabCloud lab) : IDisposable
{
    private const string Node = "imagecache-test-node";
    private const int Size = (5 << 20) + 512;

    private readonly TestDirectory _directory = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private OsBrick OsBrick => new(new VolumeNode
    {
        Address = "127.0.0.1",
        Host = Node,
        MountBase = _directory["mnt"],
        LockPath = _directory["locks"],
        Timeout = TimeSpan.FromMinutes(1),
    });

    private VolumeExporter Exporter => new(OsBrick.Node);

    [Theory]
    [InlineData("rbd")]
    [InlineData("multi")]
    [InlineData("nfs")]
    public async Task AnImageInAVolumeIsShownExactlyAndLetGoWithoutATrace(string type)
    {
        await using LabVolume image = await CreateAsync(type);
        CinderVolume before = await image.Cinder.ShowVolumeAsync(image.VolumeId, Token);
        Assert.Equal((CinderVolume.Available, (long?)Size, type == "multi"), (before.Status, before.ImageSize, before.IsMultiattach));

        CinderAttachment attachment = await AttachAsync(image);
        ConnectedVolume volume = await OsBrick.ConnectAsync(image.VolumeId, attachment.Connection!, Token);
        Assert.Equal(type == "nfs" ? ConnectedKind.File : ConnectedKind.Rbd, volume.Kind);
        AssertCannotBeWritten(volume.Path);
        VolumeExport export = await Exporter.StartAsync(new VolumeExportRequest(_directory["export"], volume, Size), Token);
        await image.Cinder.CompleteAsync(attachment.Id, Token);

        Assert.Equal(CinderVolume.InUse, (await image.Cinder.ShowVolumeAsync(image.VolumeId, Token)).Status);
        Assert.Equal(attachment.Id, Assert.Single(await image.Cinder.ListOursAsync(image.VolumeId, Node, Token)).AttachmentId);
        Assert.Equal(SHA256.HashData(image.Data), SHA256.HashData(await File.ReadAllBytesAsync(export.Path, Token)));

        await Exporter.StopAsync(export.Directory, Token);
        await OsBrick.DisconnectAsync(image.VolumeId, attachment.Connection!, volume, force: false, Token);
        Assert.True(await image.Cinder.DeleteAttachmentAsync(attachment.Id, Token));
        Assert.Equal(CinderVolume.Available, (await image.Cinder.ShowVolumeAsync(image.VolumeId, Token)).Status);
        AssertNothingIsMounted();
    }

    [Theory]
    [InlineData("rbd")]
    [InlineData("nfs")]
    public async Task WhatIsKeptOnDiskConnectsAgainWithoutCinder(string type)
    {
        await using LabVolume image = await CreateAsync(type);
        CinderAttachment attachment = await AttachAsync(image);
        ConnectionInfo kept = attachment.Connection!.ForRecord();
        Assert.True(kept.IsComplete);
        ConnectionInfo read = ConnectionInfo.FromRecord(kept.Reveal(), kept.IsComplete)!;
        await OsBrick.ConnectAsync(image.VolumeId, read, Token);
        ConnectedVolume again = await OsBrick.ConnectAsync(image.VolumeId, read, Token);
        VolumeExport export = await Exporter.StartAsync(new VolumeExportRequest(_directory["export"], again, null), Token);
        Assert.Equal(1L << 30, export.Size);
        await Exporter.StopAsync(export.Directory, Token);
        await OsBrick.DisconnectAsync(image.VolumeId, read, null, force: false, Token);
        await image.Cinder.DeleteAttachmentAsync(attachment.Id, Token);
        AssertNothingIsMounted();
    }

    [Fact]
    public async Task AConnectionThatIsCutOffAnywhereCanBeTakenBack()
    {
        await using LabVolume image = await CreateAsync("nfs");
        CinderAttachment attachment = await AttachAsync(image);
        foreach (int milliseconds in new[] { 1, 200, 400, 600, 800, 1200 })
        {
            using CancellationTokenSource cut = CancellationTokenSource.CreateLinkedTokenSource(Token);
            cut.CancelAfter(milliseconds);
            try
            {
                await OsBrick.ConnectAsync(image.VolumeId, attachment.Connection!, cut.Token);
            }
            catch (OperationCanceledException)
            {
                // The bridge is dead, wherever it was.
            }

            await OsBrick.DisconnectAsync(image.VolumeId, attachment.Connection!, null, force: true, Token);
            AssertNothingIsMounted();
        }

        await image.Cinder.DeleteAttachmentAsync(attachment.Id, Token);
    }

    [Fact]
    public async Task OneOfTwoNodesGetsAVolumeThatCannotBeShared()
    {
        await using LabVolume image = await CreateAsync("rbd");
        CinderAttachment first = await image.Cinder.ReserveAsync(image.VolumeId, Token);
        BusyException error = await Assert.ThrowsAsync<BusyException>(() => image.Cinder.ReserveAsync(image.VolumeId, Token));
        Assert.Equal(ErrorIds.VolumeBusy, error.ErrorId);
        Assert.Equal(CinderAttachment.Reserved, Assert.Single(await image.Cinder.ListAttachmentsAsync(image.VolumeId, Token)).Status);
        Assert.True(await image.Cinder.DeleteAttachmentAsync(first.Id, Token));
        Assert.False(await image.Cinder.DeleteAttachmentAsync(first.Id, Token));
    }

    [Fact]
    public async Task AMultiattachVolumeServesTwoNodesOneAfterTheOther()
    {
        await using LabVolume image = await CreateAsync("multi");
        CinderAttachment first = await AttachAsync(image);
        await Assert.ThrowsAsync<BusyException>(() => image.Cinder.ReserveAsync(image.VolumeId, Token));
        await image.Cinder.CompleteAsync(first.Id, Token);
        CinderAttachment second = await image.Cinder.ReserveAsync(image.VolumeId, Token);
        Assert.Equal(2, (await image.Cinder.ListAttachmentsAsync(image.VolumeId, Token)).Count);
        await image.Cinder.DeleteAttachmentAsync(second.Id, Token);
        Assert.Equal(first.Id, Assert.Single(await image.Cinder.ListOursAsync(image.VolumeId, Node, Token)).AttachmentId);
        await image.Cinder.DeleteAttachmentAsync(first.Id, Token);
    }

    [Fact]
    public async Task ACloneHoldsTheSameBytesAndIsFoundByItsMetadata()
    {
        await using LabVolume image = await CreateAsync("rbd");
        string mark = Guid.NewGuid().ToString();
        CinderVolume clone = await image.Cinder.CloneAsync(
            new CloneRequest(image.VolumeId, "imagecache-test-clone", new Dictionary<string, string> { ["imagecache_test"] = mark }), Token);
        clone = await image.Cinder.WaitUntilAvailableAsync(clone.Id, Token);
        List<string> found = [];
        await foreach (CinderVolume volume in image.Cinder.ListVolumesAsync("imagecache_test", mark, Token))
        {
            found.Add(volume.Id);
        }

        Assert.Equal([clone.Id], found);
        CinderAttachment attachment = await image.Cinder.ReserveAsync(clone.Id, Token);
        attachment = await image.Cinder.UpdateAttachmentAsync(attachment.Id, await OsBrick.DescribeNodeAsync(Token), Node, Token);
        ConnectedVolume connected = await OsBrick.ConnectAsync(clone.Id, attachment.Connection!, Token);
        VolumeExport export = await Exporter.StartAsync(new VolumeExportRequest(_directory["export"], connected, Size), Token);
        Assert.Equal(image.Data, await File.ReadAllBytesAsync(export.Path, Token));

        await Exporter.StopAsync(export.Directory, Token);
        await image.Cinder.DeleteAttachmentAsync(attachment.Id, Token);
        Assert.True(await image.Cinder.DeleteVolumeAsync(clone.Id, Token));
        await image.Cinder.WaitUntilGoneAsync(clone.Id, Token);
    }

    [Fact]
    public async Task AVolumeOfAnotherProjectIsNotFound()
    {
        await using LabVolume image = await CreateAsync("rbd");
        using CloudConnection demo = image.Connect(static variables => (variables["OS_USERNAME"], variables["OS_PROJECT_NAME"]) = ("demo", "demo"));
        Assert.Null(await demo.Cinder.FindVolumeAsync(image.VolumeId, Token));
        Assert.Equal(ErrorIds.VolumeNotFound, (await Assert.ThrowsAsync<NotFoundException>(() => demo.Cinder.ReserveAsync(image.VolumeId, Token))).ErrorId);
        Assert.Empty(await demo.Cinder.ListAttachmentsAsync(image.VolumeId, Token));
    }

    [Fact]
    public async Task ACinderThatIsDownIsToldAndWhatWasAttachedStaysOurs()
    {
        await using LabVolume image = await CreateAsync("rbd");
        CinderAttachment attachment = await AttachAsync(image);
        await LabCeph.LabAsync("stop", "cinder-api");
        try
        {
            await AssertDownAsync(() => image.Cinder.ShowVolumeAsync(image.VolumeId, Token));
            await AssertDownAsync(() => image.Cinder.ReserveAsync(image.VolumeId, Token));
            await AssertDownAsync(() => image.Cinder.CompleteAsync(attachment.Id, Token));
            await AssertDownAsync(() => image.Cinder.DeleteAttachmentAsync(attachment.Id, Token));

            // What is attached is read without Cinder.
            Assert.NotNull((await OsBrick.ConnectAsync(image.VolumeId, attachment.Connection!, Token)).Rbd);
        }
        finally
        {
            await LabCeph.LabAsync("start", "cinder-api");
        }

        Assert.Equal(attachment.Id, Assert.Single(await image.Cinder.ListAttachmentsAsync(image.VolumeId, Token)).Id);
        Assert.True(await image.Cinder.DeleteAttachmentAsync(attachment.Id, Token));
    }

    public void Dispose()
    {
        AssertNothingIsMounted();
        _directory.Dispose();
    }

    private static async Task AssertDownAsync(Func<Task> action)
        => Assert.Equal(ErrorIds.ServiceUnavailable, (await Assert.ThrowsAsync<UnavailableException>(action)).ErrorId);

    private static void AssertCannotBeWritten(string? path)
    {
        if (path is not null)
        {
            Assert.ThrowsAny<IOException>(() => new FileStream(path, FileMode.Open, FileAccess.ReadWrite).Dispose());
        }
    }

    private Task<LabVolume> CreateAsync(string type)
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "needs root to attach");
        Assert.SkipUnless(File.Exists("/usr/lib/python3/dist-packages/os_brick/__init__.py"), "needs os-brick (Debian: python3-os-brick)");
        IReadOnlyList<string> missing = VolumeExporter.Missing();
        Assert.SkipUnless(missing.Count == 0, string.Join("; ", missing));
        return LabVolume.CreateAsync(lab, type, Size);
    }

    private async Task<CinderAttachment> AttachAsync(LabVolume image)
    {
        JsonObject connector = await OsBrick.DescribeNodeAsync(Token);
        CinderAttachment reserved = await image.Cinder.ReserveAsync(image.VolumeId, Token);
        Assert.Equal("ro", reserved.Mode);
        return await image.Cinder.UpdateAttachmentAsync(reserved.Id, connector, Node, Token);
    }

    private void AssertNothingIsMounted()
        => Assert.DoesNotContain(_directory.FullPath, File.ReadAllText("/proc/self/mounts"), StringComparison.Ordinal);
}
