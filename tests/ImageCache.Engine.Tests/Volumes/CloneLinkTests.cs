using ImageCache.Engine.Requests;
using ImageCache.Engine.Tests.Faults;
using Xunit;

namespace ImageCache.Engine.Tests.Volumes;

/// <summary>Links to copies that a node makes of volumes that only one node can have.</summary>
public sealed class CloneLinkTests : IAsyncDisposable
{
    private readonly LinkBed _bed = new();

    public CloneLinkTests() => _bed.Node.Settings["volume_in_use"] = "clone";

    private FakeVolume Copy => Assert.Single(_bed.Cinder.Copies);

    public ValueTask DisposeAsync() => _bed.DisposeAsync();

    [Theory]
    [InlineData("available")]
    [InlineData("in-use")]
    public async Task AVolumeThatOnlyOneNodeCanHaveIsCopiedAndTheCopyLivesAsLongAsTheLink(string status)
    {
        FakeVolume volume = new() { Status = status };
        FakeImage image = _bed.Add(volume);
        BaseImage linked = await _bed.LinkAsync(image);

        Assert.Equal((DigestStatus.Verified, "in-use"), (linked.DigestStatus, Copy.Status));
        FakeAttachment attachment = Assert.Single(_bed.Cinder.Attachments);
        Assert.Equal((Copy.Id, "ro"), (attachment.VolumeId, attachment.Mode));
        Assert.Equal((Copy.Id, volume.Id), (_bed.Node.RecordOf(image.Id).Record!.Link!.VolumeId, _bed.Node.RecordOf(image.Id).Record!.Link!.ClonedFrom));
        Assert.Equal(image.Id, Copy.Metadata["imagecache:image"]);
        Assert.StartsWith("node-1:", Copy.Metadata["imagecache:node"], StringComparison.Ordinal);
        Assert.Contains(image.Id, Copy.Name, StringComparison.Ordinal);

        Assert.Equal(InitializationAction.Kept, Assert.Single(await _bed.InitializeAsync()).Action);
        await _bed.RemoveAsync(image);
        AssertNothingOf(image);
        Assert.Equal(status, Assert.Single(_bed.Cinder.Volumes).Status);
    }

    [Fact]
    public async Task AMultiattachVolumeIsAttachedAndNotCopied()
    {
        await _bed.LinkAsync(_bed.Add(new FakeVolume { IsMultiattach = true }));
        Assert.Empty(_bed.Cinder.Copies);
    }

    [Fact]
    public async Task ACopyWithOtherBytesIsRefusedAndDeleted()
    {
        FakeImage image = _bed.Add(change: image => image with { Data = [.. image.Data.Skip(512), .. new byte[512]] });
        FetchOutcome outcome = await _bed.Node.TryFetchAsync(LinkBed.Request(image));
        Assert.Equal(ErrorIds.DigestMismatch, outcome.Error?.ErrorId);
        AssertNothingOf(image);
    }

    [Fact]
    public async Task AQuotaThatIsUsedUpIsToldAndAutoGoesOn()
    {
        _bed.Cinder.Quota = 1;
        FakeImage image = _bed.Add();
        FetchOutcome outcome = await _bed.Node.TryFetchAsync(LinkBed.Request(image));
        Assert.Equal(ErrorIds.QuotaExceeded, outcome.Error?.ErrorId);
        Assert.Contains("quota", outcome.Error!.NextStep, StringComparison.Ordinal);
        AssertNothingOf(image);
        Assert.Equal(1, _bed.Node.Server.CountOf("POST", FakeCinder.VolumesPath));

        Assert.Equal(BaseImageMethod.Download, (await _bed.Node.FetchAsync(image.Id)).Method);
        Assert.Empty(_bed.Holds.Names());
    }

    [Theory]
    [InlineData("error", ErrorIds.VolumeFailed)]
    [InlineData("creating", ErrorIds.VolumeFailed)]
    public async Task ACopyThatDoesNotComeIsToldAndGoesAsSoonAsItCan(string status, string errorId)
    {
        _bed.Cinder.NewStatus = status;
        FakeImage image = _bed.Add();
        FetchOutcome outcome = await _bed.Node.TryFetchAsync(LinkBed.Request(image));
        Assert.Equal(errorId, outcome.Error?.ErrorId);
        foreach (FakeVolume copy in _bed.Cinder.Copies)
        {
            _bed.Cinder.Add(copy with { Status = "available" });
        }

        await _bed.InitializeAsync();
        AssertNothingOf(image);
    }

    [Fact]
    public async Task ASourceThatChangesJustNowIsBusy()
    {
        FakeImage image = _bed.Add(new FakeVolume { Status = "reserved" });
        FetchOutcome outcome = await _bed.Node.TryFetchAsync(LinkBed.Request(image));
        Assert.Equal(ErrorIds.VolumeBusy, outcome.Error?.ErrorId);
        AssertNothingOf(image);
    }

    [Fact]
    public async Task AnAnswerThatIsLostLeavesNoCopy()
    {
        FakeImage image = _bed.Add();
        _bed.Node.Server.On("POST", FakeCinder.VolumesPath, request => Lose(request));
        FetchOutcome outcome = await _bed.Node.TryFetchAsync(LinkBed.Request(image));
        Assert.Equal(ErrorIds.ServiceUnavailable, outcome.Error?.ErrorId);
        AssertNothingOf(image);

        FaultAnswer Lose(FaultRequest request)
        {
            _bed.Cinder.Answer(request);
            Assert.Single(_bed.Cinder.Copies);
            return FaultAnswer.Of(504);
        }
    }

    [Theory]
    [InlineData("POST", FakeCinder.VolumesPath, false)]
    [InlineData("POST", FakeCinder.VolumesPath, true)]
    [InlineData("POST", FakeCinder.AttachmentsPath, true)]
    [InlineData("PUT", FakeCinder.AttachmentsPath + "/", true)]
    public async Task AFetchKilledAtAnyStepLeavesNoCopy(string method, string path, bool afterItsWork)
    {
        FakeImage image = _bed.Add();
        await _bed.KillFetchAsync(image, method, path, afterItsWork);
        Assert.Equal(afterItsWork ? 1 : 0, _bed.Cinder.Copies.Count);
        Assert.Contains(await _bed.InitializeAsync(), static result => result.Action == InitializationAction.RemovedLeftover);
        AssertNothingOf(image);
        Assert.Empty(await _bed.InitializeAsync());
    }

    [Fact]
    public async Task AfterARebootTheSameCopyIsShownAgainAlsoWithoutCinder()
    {
        FakeImage image = _bed.Add();
        await _bed.LinkAsync(image);
        string copy = Copy.Id;
        _bed.KillViews();
        Func<FaultRequest, FaultAnswer> well = _bed.Node.Server.Fallback;
        _bed.Node.Server.Fallback = request => request.Path.StartsWith("/volume", StringComparison.Ordinal) ? FaultAnswer.Of(503) : well(request);
        Assert.Contains(await _bed.InitializeAsync(), static result => result.Action == InitializationAction.Relinked);
        _bed.Node.Server.Fallback = well;
        _bed.AssertReadable(image);
        Assert.Equal(copy, Copy.Id);
    }

    [Fact]
    public async Task ACopyThatSomebodyDeletedIsMadeAnew()
    {
        FakeImage image = _bed.Add();
        await _bed.LinkAsync(image);
        string first = Copy.Id;
        _bed.Cinder.Remove(Assert.Single(_bed.Cinder.Attachments).Id);
        _bed.Cinder.Forget(first);
        _bed.KillViews();

        Assert.Contains(await _bed.InitializeAsync(), static result => result.Action == InitializationAction.Relinked);
        Assert.NotEqual(first, Copy.Id);
        _bed.AssertReadable(image);
        Assert.Equal(Copy.Id, Assert.Single(_bed.Cinder.Attachments).VolumeId);
        Assert.Equal(Copy.Id, _bed.Node.RecordOf(image.Id).Record!.Link!.VolumeId);
    }

    [Fact]
    public async Task CopiesThatNobodyHoldsGoAndNobodyElses()
    {
        FakeImage image = _bed.Add();
        await _bed.LinkAsync(image);
        FakeVolume ours = Copy;
        FakeVolume stray = _bed.Cinder.Add(ours with { Id = Guid.NewGuid().ToString(), Status = "available" });
        string node = ours.Metadata["imagecache:node"];
        FakeVolume[] others =
        [
            ours with { Id = Guid.NewGuid().ToString(), Status = "available", Name = "mine" },
            ours with { Id = Guid.NewGuid().ToString(), Status = "available", Metadata = new Dictionary<string, string>() },
            ours with { Id = Guid.NewGuid().ToString(), Status = "available", Metadata = new Dictionary<string, string>(ours.Metadata) { ["imagecache:node"] = node + "x" }, Name = ours.Name + "x" },
        ];
        Array.ForEach(others, other => _bed.Cinder.Add(other));

        IReadOnlyList<InitializationResult> planned = await _bed.InitializeAsync(dryRun: true);
        Assert.Contains(planned, result => result.Action == InitializationAction.RemovedLeftover && result.Reason!.Contains(stray.Id, StringComparison.Ordinal));
        Assert.Equal(5, _bed.Cinder.Copies.Count);
        Assert.Single(await _bed.InitializeAsync(), static result => result.Action == InitializationAction.RemovedLeftover);
        Assert.Equal(others.Append(ours).Select(static volume => volume.Id).Order(), _bed.Cinder.Copies.Select(static volume => volume.Id).Order());
        _bed.AssertReadable(image);
    }

    [Fact]
    public async Task AHoldThatIsLostCostsNoCopy()
    {
        FakeImage image = _bed.Add();
        await _bed.LinkAsync(image);
        string copy = Copy.Id;
        _bed.Holds.Delete(Assert.Single(_bed.Holds.Names()));
        await _bed.InitializeAsync();
        Assert.Equal(copy, Copy.Id);
        _bed.AssertReadable(image);
        await _bed.RemoveAsync(image);
        AssertNothingOf(image);
    }

    [Fact]
    public async Task WhatARemovalCouldNotDeleteTheInitializationDoes()
    {
        FakeImage image = _bed.Add();
        await _bed.LinkAsync(image);
        _bed.Node.Server.On("DELETE", FakeCinder.VolumesPath + "/" + Copy.Id, FaultAnswer.Of(500));
        await Assert.ThrowsAnyAsync<ImageCacheException>(() => _bed.RemoveAsync(image));
        Assert.Single(_bed.Cinder.Copies);
        Assert.Empty(_bed.Cinder.Attachments);

        _bed.Node.Server.On("DELETE", FakeCinder.VolumesPath + "/" + Copy.Id, request => _bed.Cinder.Answer(request));
        Assert.Contains(await _bed.InitializeAsync(), static result => result.Action == InitializationAction.RemovedLeftover);
        AssertNothingOf(image);
    }

    private void AssertNothingOf(FakeImage image)
    {
        Assert.Empty(_bed.Cinder.Copies);
        Assert.Empty(_bed.Cinder.Attachments);
        Assert.False(Path.Exists(_bed.Node.BasePath(image.Id)), "a base file was left");
        Assert.Empty(_bed.Holds.Names());
        Assert.Empty(_bed.Views());
    }
}
