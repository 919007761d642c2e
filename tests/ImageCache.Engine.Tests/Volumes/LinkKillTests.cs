using ImageCache.Engine.Tests.Faults;
using Xunit;

namespace ImageCache.Engine.Tests.Volumes;

/// <summary>Whatever is killed and whenever: after the next initialization there are as many attachments of ours as links.</summary>
public sealed class LinkKillTests : IAsyncDisposable
{
    private readonly LinkBed _bed = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _bed.DisposeAsync();

    [Theory]
    [InlineData("POST", FakeCinder.AttachmentsPath, false)]
    [InlineData("POST", FakeCinder.AttachmentsPath, true)]
    [InlineData("PUT", FakeCinder.AttachmentsPath + "/", false)]
    [InlineData("PUT", FakeCinder.AttachmentsPath + "/", true)]
    [InlineData("POST", FakeCinder.AttachmentsPath + "/", false)]
    [InlineData("POST", FakeCinder.AttachmentsPath + "/", true)]
    public async Task AFetchKilledAtAnyStepOfCinderLeavesNoAttachment(string method, string path, bool afterItsWork)
    {
        FakeImage image = _bed.Add();
        await _bed.KillFetchAsync(image, method, path, afterItsWork);
        Assert.Equal(afterItsWork || !path.EndsWith("attachments", StringComparison.Ordinal), _bed.Cinder.Attachments.Count == 1);
        await _bed.InitializeAsync();
        _bed.AssertNothingHeld(image);
    }

    [Theory]
    [InlineData(WorkStage.Transferring)]
    [InlineData(WorkStage.Verifying)]
    [InlineData(WorkStage.Publishing)]
    public async Task AFetchKilledLaterLeavesAWholeLinkOrNone(WorkStage stage)
    {
        FakeImage image = _bed.Add();
        using (ProbeProcess fetch = ProbeProcess.Start(_bed.Node, "--image=" + image.Id, "--set=method=VolumeLink", "--kill-at=" + stage))
        {
            await fetch.WaitForEndAsync();
        }

        await _bed.InitializeAsync();
        if (File.Exists(_bed.Node.BasePath(image.Id)))
        {
            _bed.AssertReadable(image);
            Assert.Single(_bed.Cinder.Attachments);
            await _bed.RemoveAsync(image);
        }

        _bed.AssertNothingHeld(image);
    }

    [Fact]
    public async Task AFetchAfterAKilledOneLetsGoWhatThatHeld()
    {
        FakeImage image = _bed.Add();
        TaskCompletionSource gate = _bed.Hold(static request => request.Method == "PUT", afterTheirWork: true);
        using (ProbeProcess fetch = ProbeProcess.Start(_bed.Node, "--image=" + image.Id, "--set=method=VolumeLink"))
        {
            await _bed.Node.Server.WaitForAsync(static requests => requests.Any(static request => request.Method == "PUT"), Token);
            fetch.Kill();
            await fetch.WaitForEndAsync();
        }

        gate.SetResult();
        await _bed.LinkAsync(image);
        Assert.Single(_bed.Cinder.Attachments);
    }

    [Fact]
    public async Task AnInitializationKilledWhileItAttachesAnewLeavesOneAttachment()
    {
        FakeImage image = _bed.Add();
        await _bed.LinkAsync(image);
        _bed.Cinder.Remove(Assert.Single(_bed.Cinder.Attachments).Id);
        _bed.KillViews();
        int before = _bed.Node.Server.CountOf("POST", FakeCinder.AttachmentsPath);
        TaskCompletionSource gate = _bed.Hold(static request => request.Method == "POST" && request.Path == FakeCinder.AttachmentsPath, afterTheirWork: true);
        using (ProbeProcess initialization = ProbeProcess.Start(_bed.Node))
        {
            await _bed.Node.Server.WaitForAsync(_ => _bed.Node.Server.CountOf("POST", FakeCinder.AttachmentsPath) > before, Token);
            initialization.Kill();
            await initialization.WaitForEndAsync();
        }

        gate.SetResult();
        Assert.Single(_bed.Cinder.Attachments);
        await _bed.InitializeAsync();
        Assert.Equal("attached", Assert.Single(_bed.Cinder.Attachments).Status);
        _bed.AssertReadable(image);
    }

    [Fact]
    public async Task AReservationOfSomebodyElseIsNeverTakenForOurs()
    {
        FakeVolume volume = new() { IsMultiattach = true };
        FakeImage image = _bed.Add(volume);
        FakeAttachment other = _bed.Cinder.Add(new FakeAttachment(Guid.NewGuid().ToString(), volume.Id));
        TaskCompletionSource gate = _bed.Hold(static request => request.Method == "POST" && request.Path == FakeCinder.AttachmentsPath, afterTheirWork: true);
        using (ProbeProcess fetch = ProbeProcess.Start(_bed.Node, "--image=" + image.Id, "--set=method=VolumeLink"))
        {
            await _bed.Node.Server.WaitForAsync(static requests => requests.Any(static request => request.Method == "POST" && request.Path == FakeCinder.AttachmentsPath), Token);
            fetch.Kill();
            await fetch.WaitForEndAsync();
        }

        gate.SetResult();
        Assert.Equal(2, _bed.Cinder.Attachments.Count);
        await _bed.InitializeAsync();
        Assert.Equal(other.Id, Assert.Single(_bed.Cinder.Attachments).Id);
        Assert.Empty(_bed.Holds.Names());
    }
}
