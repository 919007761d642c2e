using ImageCache.Engine.Requests;
using ImageCache.Engine.Tests.Faults;
using Xunit;

namespace ImageCache.Engine.Tests.Volumes;

public sealed class VolumeLinkTests : IAsyncDisposable
{
    private readonly LinkBed _bed = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _bed.DisposeAsync();

    [Fact]
    public async Task AnImageInAVolumeIsLinkedVerifiedAndAttachedForReadingOnly()
    {
        FakeImage image = _bed.Add();
        BaseImage linked = await _bed.LinkAsync(image);

        Assert.Equal((DigestStatus.Verified, LinkBed.Size, LinkBed.Size, false), (linked.DigestStatus, linked.Size, linked.VirtualSize, linked.Hit));
        Assert.Equal(0, _bed.Node.DataRequests(image.Id));
        FakeAttachment attachment = Assert.Single(_bed.Cinder.Attachments);
        Assert.Equal(("attached", "ro", null, "node-1"), (attachment.Status, attachment.Mode, attachment.Instance, attachment.Host));
        Assert.Equal(attachment.Id, _bed.Node.RecordOf(image.Id).Record!.Link!.AttachmentId);
        Assert.ThrowsAny<Exception>(() => File.WriteAllText(_bed.Node.BasePath(image.Id), "other"));
        Assert.Empty(_bed.Node.Leftovers());
    }

    [Fact]
    public async Task AHitAsksNobodyAndAKilledViewIsBroughtBackByIt()
    {
        FakeImage image = _bed.Add();
        await _bed.LinkAsync(image);
        int before = _bed.Node.Server.Requests.Count;
        BaseImage hit = await _bed.Node.FetchAsync(image.Id);
        Assert.Equal((true, before, BaseImageState.Linked), (hit.Hit, _bed.Node.Server.Requests.Count, hit.State));

        _bed.KillViews();
        Assert.True((await _bed.Node.FetchAsync(image.Id)).Hit);
        _bed.AssertReadable(image);
        Assert.Single(_bed.Cinder.Attachments);
    }

    [Fact]
    public async Task AutoLinksWhatIsInAVolume()
    {
        FakeImage image = _bed.Add();
        Assert.Equal(BaseImageMethod.VolumeLink, (await _bed.Node.FetchAsync(image.Id)).Method);
        await _bed.RemoveAsync(image);
        _bed.AssertNothingHeld(image);
    }

    [Fact]
    public async Task OnlyTheBeginningIsReadWhereThereIsNothingToCompareWith()
    {
        FakeImage image = _bed.Add(change: static image => image with { HasDigests = false });
        BaseImage linked = await _bed.LinkAsync(image);
        Assert.Equal((DigestStatus.Unverifiable, true), (linked.DigestStatus, linked.BytesTransferred < LinkBed.Size));
        Assert.Contains(_bed.Node.Warnings, static warning => warning.Contains("no digest", StringComparison.Ordinal));
        Assert.True((await _bed.Node.FetchAsync(image.Id)).Hit);
    }

    [Fact]
    public async Task OtherBytesAreNeverLinked()
    {
        FakeImage image = _bed.Add(change: static image => image with { Data = new byte[LinkBed.Size] });
        FetchOutcome outcome = await _bed.Node.TryFetchAsync(LinkBed.Request(image));
        Assert.Equal(ErrorIds.DigestMismatch, Assert.IsType<VerificationException>(outcome.Error).ErrorId);
        _bed.AssertNothingHeld(image);
    }

    [Fact]
    public async Task AVolumeThatAnotherNodeHasIsRefusedAndAutoGoesOn()
    {
        FakeImage image = _bed.Add(new FakeVolume { Status = "in-use" });
        FetchOutcome outcome = await _bed.Node.TryFetchAsync(LinkBed.Request(image));
        Assert.Equal(ErrorIds.VolumeBusy, Assert.IsType<BusyException>(outcome.Error).ErrorId);

        BaseImage fetched = await _bed.Node.FetchAsync(image.Id);
        Assert.Equal(BaseImageMethod.Download, fetched.Method);
        Assert.Contains(_bed.Node.Warnings, static warning => warning.Contains("VolumeLink did not bring", StringComparison.Ordinal));
    }

    [Fact]
    public async Task AMultiattachVolumeIsSharedWithOtherNodes()
    {
        FakeVolume volume = new() { Status = "in-use", IsMultiattach = true };
        FakeImage image = _bed.Add(volume);
        FakeAttachment other = _bed.Cinder.Add(new FakeAttachment(Guid.NewGuid().ToString(), volume.Id) { Status = "attached", Device = "imagecache:node-2:x", Host = "node-2" });
        await _bed.LinkAsync(image);
        await _bed.InitializeAsync();
        Assert.Equal(2, _bed.Cinder.Attachments.Count);
        await _bed.RemoveAsync(image);
        Assert.Equal(other, Assert.Single(_bed.Cinder.Attachments));
    }

    [Theory]
    [InlineData("encrypted", ErrorIds.MethodUnavailable)]
    [InlineData("too small", ErrorIds.SizeMismatch)]
    [InlineData("qcow2 file", ErrorIds.MethodUnavailable)]
    [InlineData("bridge", ErrorIds.VolumeConnectionFailed)]
    public async Task WhatCannotBeLinkedIsRefusedAndLeavesNothing(string what, string errorId)
    {
        FakeImage image = _bed.Add(new FakeVolume
        {
            IsEncrypted = what == "encrypted",
            Metadata = what == "too small" ? new Dictionary<string, string> { ["image_size"] = "512" } : new Dictionary<string, string>(),
        });
        _bed.Cinder.Connection["format"] = what == "qcow2 file" ? "qcow2" : "raw";
        if (what == "bridge")
        {
            _bed.Brick.Mode("die", null);
        }

        FetchOutcome outcome = await _bed.Node.TryFetchAsync(LinkBed.Request(image));
        Assert.Equal(errorId, outcome.Error?.ErrorId);
        _bed.Brick.Mode("well", _bed.Brick["volume"]);
        await _bed.InitializeAsync();
        _bed.AssertNothingHeld(image);
    }

    [Theory]
    [InlineData("qcow2", LinkBed.Size)]
    [InlineData("raw", LinkBed.Size - 1)]
    public async Task WhatAnInstanceWouldSeeOtherwiseIsRefusedBeforeCinderIsAsked(string format, int size)
    {
        FakeImage image = _bed.Add(change: image => image with { DiskFormat = format, Data = _bed.Data[..size] });
        FetchOutcome outcome = await _bed.Node.TryFetchAsync(LinkBed.Request(image));
        Assert.Equal(ErrorIds.MethodUnavailable, outcome.Error?.ErrorId);
        Assert.DoesNotContain(_bed.Node.Server.Requests, static request => request.Path.StartsWith("/volume", StringComparison.Ordinal));
    }

    [Fact]
    public async Task RemovingLetsEverythingGo()
    {
        FakeImage image = _bed.Add();
        await _bed.LinkAsync(image);
        Assert.Equal(BaseImageState.Linked, (await _bed.RemoveAsync(image)).State);
        _bed.AssertNothingHeld(image);
    }

    [Fact]
    public async Task WhatARemovalCouldNotLetGoTheInitializationDoes()
    {
        FakeImage image = _bed.Add();
        await _bed.LinkAsync(image);
        _bed.Brick.Mode("busy", null);
        _bed.Cinder.Connection["driver_volume_type"] = "nfs";
        Func<FaultRequest, FaultAnswer> well = _bed.Node.Server.Fallback;
        _bed.Node.Server.Fallback = request => request.Path.StartsWith("/volume", StringComparison.Ordinal) ? FaultAnswer.Of(503) : well(request);
        ImageCacheException error = await Assert.ThrowsAnyAsync<ImageCacheException>(() => _bed.RemoveAsync(image));
        Assert.Contains("init", error.NextStep, StringComparison.Ordinal);
        Assert.Single(_bed.Cinder.Attachments);

        _bed.Node.Server.Fallback = well;
        _bed.Brick.Mode("well", _bed.Brick["volume"]);
        Assert.Contains(await _bed.InitializeAsync(), static result => result.Action == InitializationAction.RemovedLeftover);
        _bed.AssertNothingHeld(image);
    }

    [Fact]
    public async Task AnInitializationBringsBackWhatARebootTookAway()
    {
        FakeImage image = _bed.Add();
        await _bed.LinkAsync(image);
        Assert.Equal(InitializationAction.Kept, Assert.Single(await _bed.InitializeAsync()).Action);
        _bed.KillViews();

        Assert.Equal(InitializationAction.Relinked, Assert.Single(await _bed.InitializeAsync(dryRun: true)).Action);
        InitializationResult result = Assert.Single(await _bed.InitializeAsync());
        Assert.Equal((InitializationAction.Relinked, image.Id), (result.Action, result.Id));
        _bed.AssertReadable(image);
        Assert.Single(_bed.Cinder.Attachments);
    }

    [Fact]
    public async Task AnInitializationNeedsNoCinderWhereTheConnectionHasNoSecrets()
    {
        FakeImage image = _bed.Add();
        await _bed.LinkAsync(image);
        _bed.KillViews();
        Func<FaultRequest, FaultAnswer> well = _bed.Node.Server.Fallback;
        _bed.Node.Server.Fallback = request => request.Path.StartsWith("/volume", StringComparison.Ordinal) ? FaultAnswer.Of(503) : well(request);
        Assert.Contains(await _bed.InitializeAsync(), static result => result.Action == InitializationAction.Relinked);
        _bed.AssertReadable(image);
    }

    [Fact]
    public async Task AnAttachmentThatSomebodyDeletedIsMadeAnew()
    {
        FakeImage image = _bed.Add();
        await _bed.LinkAsync(image);
        string first = Assert.Single(_bed.Cinder.Attachments).Id;
        _bed.Cinder.Remove(first);
        _bed.KillViews();

        await _bed.InitializeAsync();
        FakeAttachment now = Assert.Single(_bed.Cinder.Attachments);
        Assert.NotEqual(first, now.Id);
        Assert.Equal(now.Id, _bed.Node.RecordOf(image.Id).Record!.Link!.AttachmentId);
        _bed.AssertReadable(image);
    }

    [Fact]
    public async Task AVolumeThatIsGoneIsTold()
    {
        FakeImage image = _bed.Add();
        await _bed.LinkAsync(image);
        _bed.KillViews();
        _bed.Cinder.Forget();
        InitializationResult result = Assert.Single(await _bed.InitializeAsync());
        Assert.Equal((InitializationAction.Reported, image.Id), (result.Action, result.Id));

        // A fetch brings it by another method.
        Assert.Equal(BaseImageMethod.Download, (await _bed.Node.FetchAsync(image.Id)).Method);
        _bed.Node.AssertWhole(image.Id, _bed.Data);
        Assert.Empty(_bed.Holds.Names());
    }

    [Fact]
    public async Task StrayAttachmentsOfOursGoAndNobodyElses()
    {
        FakeVolume volume = new() { IsMultiattach = true };
        FakeImage image = _bed.Add(volume);
        await _bed.LinkAsync(image);
        FakeAttachment ours = Assert.Single(_bed.Cinder.Attachments);
        _bed.Cinder.Add(ours with { Id = Guid.NewGuid().ToString() });
        FakeAttachment[] others =
        [
            ours with { Id = Guid.NewGuid().ToString(), Device = "/dev/vda" },
            ours with { Id = Guid.NewGuid().ToString(), Instance = Guid.NewGuid().ToString() },
            new FakeAttachment(Guid.NewGuid().ToString(), volume.Id),
        ];
        Array.ForEach(others, other => _bed.Cinder.Add(other));

        Assert.Contains(await _bed.InitializeAsync(), static result => result.Action == InitializationAction.RemovedLeftover);
        Assert.Equal(others.Append(ours).Select(static one => one.Id).Order(), _bed.Cinder.Attachments.Select(static one => one.Id).Order());
    }

    [Fact]
    public async Task ALinkThatLeadsElsewhereIsNotOurs()
    {
        FakeImage image = _bed.Add();
        await _bed.LinkAsync(image);
        File.Delete(_bed.Node.BasePath(image.Id));
        File.CreateSymbolicLink(_bed.Node.BasePath(image.Id), "/etc/passwd");

        BaseImage listed = Assert.Single(await _bed.Node.Open().ListAsync(new ListRequest(), _bed.Node.Monitor, Token).ToListAsync(Token));
        Assert.Equal(BaseImageState.Damaged, listed.State);
        await _bed.LinkAsync(image);
        Assert.Single(_bed.Cinder.Attachments);
    }

    [Fact]
    public async Task ForceMakesTheLinkAnew()
    {
        FakeImage image = _bed.Add();
        await _bed.LinkAsync(image);
        string first = Assert.Single(_bed.Cinder.Attachments).Id;
        BaseImage again = await _bed.Node.FetchAsync(LinkBed.Request(image) with { Force = true });
        Assert.Equal((false, BaseImageState.Linked), (again.Hit, again.State));
        Assert.NotEqual(first, Assert.Single(_bed.Cinder.Attachments).Id);
    }

    [Fact]
    public async Task VerifyingReadsTheVolume()
    {
        FakeImage image = _bed.Add();
        await _bed.LinkAsync(image);
        Assert.Equal(IntegrityStatus.Intact, await VerifyAsync());
        using (FileStream volume = new(_bed.Brick["volume"], FileMode.Open, FileAccess.Write, FileShare.ReadWrite))
        {
            volume.Position = 1 << 20;
            volume.WriteByte((byte)~_bed.Data[1 << 20]);
        }

        Assert.Equal(IntegrityStatus.Damaged, await VerifyAsync());
    }

    [Fact]
    public async Task AViewThatWasKilledCannotBeVerifiedUntilAnInitializationBringsItBack()
    {
        FakeImage image = _bed.Add();
        await _bed.LinkAsync(image);
        _bed.KillViews();
        Assert.Equal(IntegrityStatus.Unreadable, await VerifyAsync());
        await _bed.InitializeAsync();
        Assert.Equal(IntegrityStatus.Intact, await VerifyAsync());
    }

    [Fact]
    public async Task AnAttachmentThatSomebodyDeletedUnderALivingLinkIsMadeAnewWithoutTouchingTheView()
    {
        FakeImage image = _bed.Add();
        await _bed.LinkAsync(image);
        int process = Assert.Single(_bed.Views()).Id;
        _bed.Cinder.Remove(Assert.Single(_bed.Cinder.Attachments).Id);
        Assert.Equal(InitializationAction.Relinked, Assert.Single(await _bed.InitializeAsync()).Action);
        Assert.Equal("attached", Assert.Single(_bed.Cinder.Attachments).Status);
        Assert.Equal(process, Assert.Single(_bed.Views()).Id);
        _bed.AssertReadable(image);
    }

    private async Task<IntegrityStatus> VerifyAsync()
        => Assert.Single(await _bed.Node.Open().VerifyAsync(new VerifyRequest(), _bed.Node.Monitor, Token).ToListAsync(Token)).Status;
}
