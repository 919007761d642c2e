using ImageCache.Engine.Requests;
using ImageCache.Engine.Tests.Faults;
using Xunit;

namespace ImageCache.Engine.Tests.Diagnostics;

/// <summary>What a node is told to have and to lack.</summary>
public sealed class NodeCheckTests : IAsyncDisposable
{
    private readonly EngineBed _bed = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _bed.DisposeAsync();

    [Fact]
    public async Task EveryMethodIsToldWithItsNeedsAndASummary()
    {
        List<NodeCheckResult> results = await CheckAsync();
        Assert.Equal(
            [FetchMethod.VolumeLink, FetchMethod.RbdExport, FetchMethod.Download],
            results.Where(static result => result.Need == "ready").Select(static result => result.Method!.Value));
        Assert.All(results, static result =>
        {
            Assert.Equal(Environment.MachineName, result.Node);
            Assert.NotEmpty(result.Description);
            Assert.True(result.Status == NodeCheckStatus.Pass || !string.IsNullOrEmpty(result.Reason), $"{result.Need} is {result.Status}, and does not say why");
            Assert.Null(result.ImageId);
        });
        Assert.Equal(results.Count, results.Select(static result => (result.Method, result.Need)).Distinct().Count());
    }

    [Fact]
    public async Task OfOneMethodOnlyItsNeedsAndThoseOfEveryMethodAreTold()
    {
        List<NodeCheckResult> results = await CheckAsync(new NodeCheckRequest { Method = FetchMethod.Download });
        Assert.All(results, static result => Assert.True(result.Method is null or FetchMethod.Download));
        Assert.Equal([FetchMethod.Download], ImageCacheEngine.ReadyMethods(results));
    }

    [Fact]
    public async Task NobodyIsAskedAndNothingIsLeft()
    {
        Directory.CreateDirectory(_bed.Layout.LocksPath);
        string[] before = Everything();
        await CheckAsync();
        Assert.Empty(_bed.Server.Requests);
        Assert.Equal(before, Everything());
    }

    [Fact]
    public async Task AskedForServicesAreAsked()
    {
        _ = new FakeCinder(_bed.Cloud);
        List<NodeCheckResult> results = await CheckAsync(new NodeCheckRequest { Online = true });
        foreach (string need in new[] { "keystone", "glance", "cinder" })
        {
            Assert.Equal(NodeCheckStatus.Pass, Of(results, need).Status);
        }

        Assert.Contains("v2.16", Of(results, "glance").Reason, StringComparison.Ordinal);
        Assert.Contains("3.70", Of(results, "cinder").Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AServiceThatDoesNotAnswerIsToldOnceAndWhatBuildsOnItIsUnknown()
    {
        _bed.Variables["OS_AUTH_URL"] = "http://127.0.0.1:1/v3";
        _bed.Settings["retries"] = "0";
        List<NodeCheckResult> results = await CheckAsync(new NodeCheckRequest { Online = true });
        Assert.Equal(NodeCheckStatus.Fail, Of(results, "keystone").Status);
        Assert.Contains("127.0.0.1:1", Of(results, "keystone").Reason, StringComparison.Ordinal);
        Assert.All(new[] { "glance", "barbican", "cinder" }, need => Assert.Equal(NodeCheckStatus.Unknown, Of(results, need).Status));
        Assert.Empty(ImageCacheEngine.ReadyMethods(results));
    }

    [Fact]
    public async Task WithoutACloudNoMethodIsReady()
    {
        foreach (string name in _bed.Cloud.Environment().Keys)
        {
            _bed.Variables[name] = string.Empty;
        }

        List<NodeCheckResult> results = await CheckAsync();
        Assert.Equal(NodeCheckStatus.Fail, Of(results, "credentials").Status);
        Assert.NotNull(Of(results, "credentials").NextStep);
        Assert.Empty(ImageCacheEngine.ReadyMethods(results));
    }

    [Fact]
    public async Task ACacheThatIsMissingIsToldAndNotMade()
    {
        _bed.CachePath = _bed.Directory["away/_base"];
        List<NodeCheckResult> results = await CheckAsync();
        Assert.Equal(NodeCheckStatus.Fail, Of(results, "cache-directory").Status);
        Assert.Contains("--create", Of(results, "cache-directory").NextStep, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_bed.Directory["away"]));
        Assert.Empty(ImageCacheEngine.ReadyMethods(results));
    }

    [Fact]
    public async Task AFileInPlaceOfOurDirectoryIsTold()
    {
        await File.WriteAllTextAsync(_bed.Layout.PrivatePath, "x", Token);
        NodeCheckResult writable = Of(await CheckAsync(), "cache-writable");
        Assert.Equal(NodeCheckStatus.Fail, writable.Status);
        Assert.Contains(_bed.Layout.PrivatePath, writable.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AFileSystemWithoutRoomIsTold()
    {
        _bed.Settings["minimum_free"] = "900TiB";
        NodeCheckResult room = Of(await CheckAsync(), "cache-room");
        Assert.Equal(NodeCheckStatus.Fail, room.Status);
        Assert.Contains("minimum_free", room.Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("[oslo_concurrency]\ndisable_process_locking = true\n", NodeCheckStatus.Fail)]
    [InlineData("[oslo_concurrency]\ndisable_process_locking = false\n", NodeCheckStatus.Pass)]
    [InlineData("[DEFAULT]\n", NodeCheckStatus.Pass)]
    public async Task NovaMustLockForOtherProcesses(string nova, NodeCheckStatus expected)
    {
        string path = _bed.Directory["nova.conf"];
        await File.WriteAllTextAsync(path, nova, Token);
        _bed.Settings["nova_conf"] = path;
        List<NodeCheckResult> results = await CheckAsync();
        Assert.Equal(NodeCheckStatus.Pass, Of(results, "nova-conf").Status);
        Assert.Equal(expected, Of(results, "process-locking").Status);
        if (expected == NodeCheckStatus.Fail)
        {
            Assert.Contains($"{path}:2", Of(results, "process-locking").Reason, StringComparison.Ordinal);
            Assert.Empty(ImageCacheEngine.ReadyMethods(results));
        }
    }

    [Fact]
    public async Task WhatTheNodeLacksIsToldInTheSameWordsByCheckErrorAndSetting()
    {
        _bed.Settings["rbd_ceph_conf"] = "/no/such/ceph.conf";
        _bed.Settings["rbd_export"] = "false";
        FakeImage image = _bed.Cloud.Add(new FakeImage { Data = new byte[512], Extra = new() { ["direct_url"] = $"rbd://{Guid.NewGuid()}/images/x/snap" } });
        ImageCacheEngine engine = _bed.Open();
        NodeCheckResult[] lacks = [.. (await CheckAsync(engine: engine)).Where(static result => result is { Method: FetchMethod.RbdExport, Status: NodeCheckStatus.Fail, Need: not "ready" })];
        Assert.Equal(["rbd-export-setting", "ceph-conf"], lacks.Select(static result => result.Need));
        string reasons = string.Join("; ", lacks.Select(static result => result.Reason));

        FetchOutcome outcome = await _bed.TryFetchAsync(new FetchRequest { Image = image.Id, Method = FetchMethod.RbdExport }, engine);
        Assert.Contains(reasons, outcome.Error!.Message, StringComparison.Ordinal);
        Assert.All(lacks, result => Assert.Contains(result.NextStep!, outcome.Error.NextStep, StringComparison.Ordinal));
        EffectiveSetting setting = Assert.Single(engine.GetConfiguration(), static setting => setting.Name == "rbd_export_on_this_node");
        Assert.Equal($"not possible: {reasons}", setting.Value);
    }

    [Fact]
    public async Task AnImageIsHeldToTheNeedsOfEveryMethod()
    {
        _bed.Settings["allowed_formats"] = "raw";
        FakeImage image = _bed.Cloud.Add(new FakeImage { Name = "plain", Data = new byte[512] });
        List<NodeCheckResult> results = await CheckAsync(new NodeCheckRequest { Image = "plain" });
        Assert.Equal(NodeCheckStatus.Pass, Of(results, "policy").Status);
        Assert.Equal(NodeCheckStatus.Pass, Of(results, "image-room").Status);
        Assert.Equal(NodeCheckStatus.Fail, Of(results, "rbd-location").Status);
        Assert.Equal(NodeCheckStatus.Fail, Of(results, "cinder-location").Status);
        Assert.Equal(NodeCheckStatus.Skipped, Of(results, "glance-data").Status);
        Assert.Equal([FetchMethod.Download], ImageCacheEngine.ReadyMethods(results));
        Assert.All(results.Where(static result => result.ImageId is not null), result => Assert.Equal(image.Id, result.ImageId));

        results = await CheckAsync(new NodeCheckRequest { Image = image.Id, Online = true });
        Assert.Equal(NodeCheckStatus.Pass, Of(results, "glance-data").Status);
        Assert.All(new[] { "volume", "rbd-snapshot" }, need => Assert.Equal(NodeCheckStatus.Unknown, Of(results, need).Status));
        Assert.Equal(1, _bed.DataRequests(image.Id));
    }

    [Theory]
    [InlineData(400)]
    [InlineData(416)]
    public async Task AStoreWithoutRangesIsAskedForAll(int status)
    {
        FakeImage image = _bed.Cloud.Add(new FakeImage { Data = new byte[512] });
        _bed.Server.Next("GET", FakeCloud.DataPath(image.Id), _ => FaultAnswer.Of(status));
        List<NodeCheckResult> results = await CheckAsync(new NodeCheckRequest { Image = image.Id, Online = true, Method = FetchMethod.Download });
        Assert.Equal(NodeCheckStatus.Pass, Of(results, "glance-data").Status);
    }

    [Fact]
    public async Task AnImageThatPolicyRefusesIsTold()
    {
        FakeImage image = _bed.Cloud.Add(new FakeImage { Data = new byte[512], Status = "queued" });
        List<NodeCheckResult> results = await CheckAsync(new NodeCheckRequest { Image = image.Id });
        Assert.Equal(NodeCheckStatus.Fail, Of(results, "policy").Status);
        Assert.Contains("queued", Of(results, "policy").Reason, StringComparison.Ordinal);
        Assert.Empty(ImageCacheEngine.ReadyMethods(results));
    }

    [Fact]
    public async Task AnImageThatDoesNotExistIsTheCallersMistake()
        => await Assert.ThrowsAsync<NotFoundException>(() => CheckAsync(new NodeCheckRequest { Image = Guid.NewGuid().ToString() }));

    [Fact]
    public async Task WhereGlanceDoesNotTellOfAnImageTheRestIsToldAllTheSame()
    {
        _bed.Variables["OS_AUTH_URL"] = "http://127.0.0.1:1/v3";
        _bed.Settings["retries"] = "0";
        List<NodeCheckResult> results = await CheckAsync(new NodeCheckRequest { Image = "x" });
        Assert.Equal(NodeCheckStatus.Unknown, Of(results, "policy").Status);
        Assert.Contains("127.0.0.1:1", Of(results, "policy").Reason, StringComparison.Ordinal);
        Assert.Equal(NodeCheckStatus.Pass, Of(results, "cache-directory").Status);
        Assert.Empty(ImageCacheEngine.ReadyMethods(results));
    }

    private static NodeCheckResult Of(List<NodeCheckResult> results, string need) => Assert.Single(results, result => result.Need == need);

    private string[] Everything()
        => [.. Directory.EnumerateFileSystemEntries(_bed.Directory["instances"], "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal)];

    private async Task<List<NodeCheckResult>> CheckAsync(NodeCheckRequest? request = null, ImageCacheEngine? engine = null)
    {
        List<NodeCheckResult> results = [];
        await foreach (NodeCheckResult result in (engine ?? _bed.Open()).CheckNodeAsync(request ?? new NodeCheckRequest(), _bed.Monitor, Token))
        {
            results.Add(result);
        }

        return results;
    }
}
