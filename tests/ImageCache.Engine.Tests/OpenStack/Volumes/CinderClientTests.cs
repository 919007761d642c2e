using System.Text.Json.Nodes;
using ImageCache.Engine.OpenStack.Volumes;
using ImageCache.Engine.Tests.Faults;
using Xunit;

namespace ImageCache.Engine.Tests.OpenStack.Volumes;

public sealed class CinderClientTests : IAsyncDisposable
{
    private const string Node = "node-1";

    private readonly TestCloud _cloud = new();
    private readonly FakeCinder _cinder;

    public CinderClientTests() => _cinder = new FakeCinder(_cloud.Fake);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static JsonObject Connector => new() { ["host"] = Node, ["ip"] = "10.0.0.1", ["platform"] = "x86_64" };

    private CinderClient Client => _cloud.Connection.Cinder;

    [Fact]
    public async Task AVolumeIsAttachedReadOnlyMarkedAndLetGo()
    {
        FakeVolume volume = _cinder.Add(new FakeVolume());

        CinderAttachment reserved = await Client.ReserveAsync(volume.Id, Token);
        Assert.Equal(("reserved", null), (reserved.Status, reserved.Connection));
        CinderAttachment updated = await Client.UpdateAttachmentAsync(reserved.Id, Connector, Node, Token);
        Assert.Equal("nfs", updated.Connection!.Protocol);
        Assert.Empty(await Client.ListOursAsync(volume.Id, Node, Token));
        await Client.CompleteAsync(reserved.Id, Token);
        await Client.CompleteAsync(reserved.Id, Token);

        FakeAttachment there = Assert.Single(_cinder.Attachments);
        Assert.Equal(("ro", "imagecache:node-1", Node), (there.Mode, there.Device, there.Host));
        Assert.Equal(CinderVolume.InUse, (await Client.ShowVolumeAsync(volume.Id, Token)).Status);
        Assert.Equal(reserved.Id, Assert.Single(await Client.ListOursAsync(volume.Id, Node, Token)).AttachmentId);
        Assert.Empty(await Client.ListOursAsync(volume.Id, "node-10", Token));
        Assert.Equal(CinderAttachment.Attached, (await Client.FindAttachmentAsync(reserved.Id, Token))!.Status);

        Assert.True(await Client.DeleteAttachmentAsync(reserved.Id, Token));
        Assert.False(await Client.DeleteAttachmentAsync(reserved.Id, Token));
        Assert.Null(await Client.FindAttachmentAsync(reserved.Id, Token));
        Assert.Empty(_cinder.Attachments);
        Assert.Equal(CinderVolume.Available, (await Client.ShowVolumeAsync(volume.Id, Token)).Status);
    }

    [Theory]
    [InlineData("3.71", "volume 3.70", true)]
    [InlineData("3.60", "volume 3.60", true)]
    [InlineData("3.54", "volume 3.54", true)]
    [InlineData("3.53", "volume 3.53", false)]
    [InlineData("3.44", "volume 3.44", false)]
    public async Task SpeaksTheNewestVersionThatBothKnow(string newest, string header, bool hasMode)
    {
        _cinder.Newest = newest;
        FakeVolume volume = _cinder.Add(new FakeVolume());
        CinderAttachment attachment = await Client.ReserveAsync(volume.Id, Token);
        FaultRequest request = Requests("POST", FakeCinder.AttachmentsPath).Single();
        Assert.Equal(header, request.Header("OpenStack-API-Version"));
        Assert.Equal(hasMode, request.Text.Contains("\"mode\":\"ro\"", StringComparison.Ordinal));

        await Client.UpdateAttachmentAsync(attachment.Id, Connector, Node, Token);
        Assert.Equal("ro", Assert.Single(_cinder.Attachments).Mode);
        Assert.Equal(1, _cloud.Fake.Server.CountOf("GET", "/volume/v3/"));
    }

    [Theory]
    [InlineData("3.43", "3.0")]
    [InlineData("3.0", "3.0")]
    [InlineData("3.99", "3.71")]
    public async Task AServiceThatIsTooOldOrTooNewIsRefusedClearly(string newest, string oldest)
    {
        (_cinder.Newest, _cinder.Oldest) = (newest, oldest);
        UnavailableException error = await Assert.ThrowsAsync<UnavailableException>(() => Client.AgreeAsync(Token));
        Assert.Equal((ErrorIds.MethodUnavailable, FailureCategory.NotImplemented), (error.ErrorId, error.Category));
        Assert.Contains(newest, error.Message, StringComparison.Ordinal);
        Assert.Contains("3.44", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task TheRootIsAskedWhereVersion3DoesNotTell()
    {
        _cloud.Fake.Server.On("GET", "/volume/v3/", FaultAnswer.Text("<html>", 404));
        Assert.Equal(new Microversion(3, 70), (await Client.AgreeAsync(Token)).Version);
    }

    [Fact]
    public async Task AnotherWebServerIsNoCinder()
    {
        _cloud.Fake.Server.On("GET", "/volume/v3/", FaultAnswer.Text("<html>")).On("GET", "/volume/", FaultAnswer.Json("[]"));
        Assert.Equal(ErrorIds.ServiceAnswerInvalid, (await Assert.ThrowsAsync<UnavailableException>(() => Client.AgreeAsync(Token))).ErrorId);
    }

    [Fact]
    public async Task AVolumeThatIsNotThereIsNotFoundAndOneOfAnotherServerIsNoAnswer()
    {
        string id = Guid.NewGuid().ToString();
        Assert.Null(await Client.FindVolumeAsync(id, Token));
        Assert.Equal(ErrorIds.VolumeNotFound, (await Assert.ThrowsAsync<NotFoundException>(() => Client.ShowVolumeAsync(id, Token))).ErrorId);
        Assert.Equal(ErrorIds.VolumeNotFound, (await Assert.ThrowsAsync<NotFoundException>(() => Client.ReserveAsync(id, Token))).ErrorId);
        Assert.Equal(ErrorIds.VolumeNotFound, (await Assert.ThrowsAsync<NotFoundException>(() => Client.UpdateAttachmentAsync(id, Connector, Node, Token))).ErrorId);

        _cloud.Fake.Server.On("GET", $"{FakeCinder.VolumesPath}/{id}", FaultAnswer.Text("<html>not found</html>", 404));
        await Assert.ThrowsAsync<UnavailableException>(() => Client.FindVolumeAsync(id, Token));
    }

    [Fact]
    public async Task AVolumeThatIsTakenIsBusy()
    {
        FakeVolume volume = _cinder.Add(new FakeVolume());
        await Client.ReserveAsync(volume.Id, Token);
        BusyException error = await Assert.ThrowsAsync<BusyException>(() => Client.ReserveAsync(volume.Id, Token));
        Assert.Equal(ErrorIds.VolumeBusy, error.ErrorId);
        Assert.Contains("current status is reserved", error.Message, StringComparison.Ordinal);
        Assert.Single(_cinder.Attachments);
    }

    [Fact]
    public async Task AnInstancesAttachmentIsNeverOursAndIsNotLetGo()
    {
        FakeVolume volume = _cinder.Add(new FakeVolume { Status = "in-use" });
        FakeAttachment theirs = _cinder.Add(new FakeAttachment(Guid.NewGuid().ToString(), volume.Id)
        {
            Status = "attached", Instance = Guid.NewGuid().ToString(), Device = AttachmentMark.Of(Node), Host = Node,
        });
        Assert.Empty(await Client.ListOursAsync(volume.Id, Node, Token));
        Assert.Equal(ErrorIds.VolumeBusy, (await Assert.ThrowsAsync<BusyException>(() => Client.DeleteAttachmentAsync(theirs.Id, Token))).ErrorId);
        Assert.Equal(theirs.Instance, Assert.Single(await Client.ListAttachmentsAsync(volume.Id, Token)).InstanceId);
    }

    [Fact]
    public async Task AQuotaIsToldAtOnceAndNotRepeated()
    {
        FakeVolume volume = _cinder.Add(new FakeVolume());
        _cinder.Quota = 1;
        UnavailableException error = await Assert.ThrowsAsync<UnavailableException>(() => Client.CloneAsync(Clone(volume), Token));
        Assert.Equal(ErrorIds.QuotaExceeded, error.ErrorId);
        Assert.Single(Requests("POST", FakeCinder.VolumesPath));
    }

    [Fact]
    public async Task ACloneIsWaitedForFoundAgainAndDeleted()
    {
        FakeVolume volume = _cinder.Add(new FakeVolume { Size = 3 });
        CinderVolume made = await Client.CloneAsync(Clone(volume), Token);
        Assert.Equal("creating", made.Status);
        CinderVolume ready = await Client.WaitUntilAvailableAsync(made.Id, Token);
        Assert.Equal((3L << 30, "of an image"), (ready.Size, ready.Name));
        List<CinderVolume> found = [];
        await foreach (CinderVolume one in Client.ListVolumesAsync("imagecache_node", Node, Token))
        {
            found.Add(one);
        }

        Assert.Equal(made.Id, Assert.Single(found).Id);
        Assert.True(await Client.DeleteVolumeAsync(made.Id, Token));
        await Client.WaitUntilGoneAsync(made.Id, Token);
        Assert.False(await Client.DeleteVolumeAsync(made.Id, Token));
    }

    [Theory]
    [InlineData("creating", FailureCategory.OperationTimeout)]
    [InlineData("error", FailureCategory.ResourceUnavailable)]
    public async Task AVolumeThatIsNeverReadyIsGivenUp(string status, FailureCategory category)
    {
        FakeVolume volume = _cinder.Add(new FakeVolume { Status = status });
        UnavailableException error = await Assert.ThrowsAsync<UnavailableException>(() => Client.WaitUntilAvailableAsync(volume.Id, Token));
        Assert.Equal((ErrorIds.VolumeFailed, category), (error.ErrorId, error.Category));
        Assert.Contains($"'{status}'", error.Message, StringComparison.Ordinal);
        Assert.Equal(status == "error", error.Message.Contains("weighted backend", StringComparison.Ordinal));
        double waited = _cloud.Time.Waits.Sum(static wait => wait.TotalSeconds);
        Assert.True(status == "error" ? waited == 0 : waited is >= 600 and < 610, $"waited {waited} s");
    }

    [Fact]
    public async Task AConnectionThatComesLateIsWaitedForAndOneThatNeverComesGivenUp()
    {
        FakeVolume volume = _cinder.Add(new FakeVolume());
        CinderAttachment attachment = await Client.ReserveAsync(volume.Id, Token);
        _cinder.LooksUntilConnected = 3;
        Assert.NotNull((await Client.UpdateAttachmentAsync(attachment.Id, Connector, Node, Token)).Connection);

        _cinder.LooksUntilConnected = int.MaxValue;
        UnavailableException error = await Assert.ThrowsAsync<UnavailableException>(() => Client.UpdateAttachmentAsync(attachment.Id, Connector, Node, Token));
        Assert.Equal((ErrorIds.VolumeFailed, FailureCategory.OperationTimeout), (error.ErrorId, error.Category));
    }

    [Fact]
    public async Task OnlyWhatMayBeRepeatedIs()
    {
        FakeVolume volume = _cinder.Add(new FakeVolume());
        static FaultAnswer Fail(FaultAnswer answer) => FaultAnswer.Json("""{"computeFault":{"code":500,"message":"Unable to create attachment for volume."}}""", 500);
        _cloud.Fake.Server.Next("POST", FakeCinder.AttachmentsPath, Fail);
        await Assert.ThrowsAsync<UnavailableException>(() => Client.ReserveAsync(volume.Id, Token));
        Assert.Single(Requests("POST", FakeCinder.AttachmentsPath));
        await Client.DeleteAttachmentAsync(_cinder.Attachments.Single().Id, Token);

        CinderAttachment attachment = await Client.ReserveAsync(volume.Id, Token);
        string path = $"{FakeCinder.AttachmentsPath}/{attachment.Id}";
        _cloud.Fake.Server.Next("PUT", path, Fail).Next("POST", path + "/action", Fail).Next("DELETE", path, static answer => answer with { CutBeforeHeaders = true });
        await Client.UpdateAttachmentAsync(attachment.Id, Connector, Node, Token);
        await Client.CompleteAsync(attachment.Id, Token);
        Assert.False(await Client.DeleteAttachmentAsync(attachment.Id, Token));
        Assert.Equal((2, 2, 2), (Requests("PUT", path).Count, Requests("POST", path + "/action").Count, Requests("DELETE", path).Count));
        Assert.Empty(_cinder.Attachments);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("not json")]
    [InlineData("""{"attachment":{"id":"../..","volume_id":"7","status":"reserved"}}""")]
    [InlineData("""{"attachment":{"id":"8c8d9ff4-9a35-45a4-a1e7-5b1ad8cbbf4a","volume_id":"8c8d9ff4-9a35-45a4-a1e7-5b1ad8cbbf4a","status":"attached","connection_info":{"driver_volume_type":"../x"}}}""")]
    public async Task AnAnswerThatMakesNoSenseIsRefused(string body)
    {
        string id = Guid.NewGuid().ToString();
        _cloud.Fake.Server.On("GET", $"{FakeCinder.AttachmentsPath}/{id}", FaultAnswer.Json(body));
        UnavailableException error = await Assert.ThrowsAsync<UnavailableException>(() => Client.FindAttachmentAsync(id, Token));
        Assert.Equal(ErrorIds.ServiceAnswerInvalid, error.ErrorId);
    }

    public async ValueTask DisposeAsync() => await _cloud.DisposeAsync();

    private static CloneRequest Clone(FakeVolume volume) => new(volume.Id, "of an image", new Dictionary<string, string> { ["imagecache_node"] = Node });

    private List<FaultRequest> Requests(string method, string path)
        => [.. _cloud.Fake.Server.Requests.Where(request => request.Method == method && request.Path == path)];
}
