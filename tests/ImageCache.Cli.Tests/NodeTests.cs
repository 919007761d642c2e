using System.Text.Json;
using ImageCache.Engine.Tests.Faults;
using Xunit;

namespace ImageCache.Cli.Tests;

/// <summary><c>imagecache node</c>.</summary>
public sealed class NodeTests : IAsyncDisposable
{
    private readonly FakeCloud _cloud = FakeCloud.Start();
    private readonly CommandSandbox _sandbox = new();

    public NodeTests() => _sandbox.AddEnvironment(_cloud.Environment());

    public async ValueTask DisposeAsync()
    {
        _sandbox.Dispose();
        await _cloud.DisposeAsync();
    }

    [Fact]
    public async Task EveryNeedIsAnObjectWithTheCmdletsProperties()
    {
        CommandResult result = (await _sandbox.RunAsync("node", "--json")).Ends(0);

        Assert.All(result.Results, static need => Assert.Equal(
            ["node", "method", "need", "description", "status", "isRequired", "reason", "nextStep", "imageId"],
            need.EnumerateObject().Select(static property => property.Name)));
        Assert.Equal(["VolumeLink", "RbdExport", "Download"], result.Results.Where(static need => Text(need, "need") == "ready").Select(static need => Text(need, "method")));
        Assert.Equal("Skipped", Text(Assert.Single(result.Results, static need => Text(need, "need") == "keystone"), "status"));
        Assert.Empty(_cloud.Server.Requests);
        Assert.Empty(result.Error);
    }

    [Fact]
    public async Task PeopleReadATableAndWhatToDo()
    {
        _sandbox.Environment["IMAGECACHE_RBD_CEPH_CONF"] = "/no/such/ceph.conf";

        CommandResult result = (await _sandbox.RunAsync("node")).Ends(0);

        Assert.Matches("(?m)^METHOD +NEED +STATUS +REASON", result.Output);
        Assert.Matches("(?m)^every +cache-directory +Pass ", result.Output);
        Assert.Matches("(?m)^RbdExport +ceph-conf +Fail +.*'/no/such/ceph.conf'", result.Output);
        Assert.Contains("ceph-conf: Install the cluster's ceph.conf", result.Error, StringComparison.Ordinal);
        Assert.Matches("(?m)^Possible: .*Download", result.Error);
    }

    [Fact]
    public async Task OneMethodThatIsNotPossibleIsNotAvailable()
    {
        _sandbox.Environment["IMAGECACHE_RBD_CEPH_CONF"] = "/no/such/ceph.conf";

        CommandResult result = (await _sandbox.RunAsync("node", "--method", "rbd-export")).Ends(5);

        Assert.DoesNotContain("VolumeLink", result.Output, StringComparison.Ordinal);
        Assert.Contains("No method is possible.", result.Error, StringComparison.Ordinal);
        (await _sandbox.RunAsync("node", "--method", "download")).Ends(0);
    }

    [Fact]
    public async Task AMissingCacheIsNotAvailable()
    {
        (await _sandbox.RunAsync("node", "--cache-path", _sandbox.PathOf("away/_base"))).Ends(5);
        Assert.False(Directory.Exists(_sandbox.PathOf("away")));
    }

    [Fact]
    public async Task AnImagesOwnNeedsAreTold()
    {
        FakeImage image = _cloud.Add(new FakeImage { Name = "app", Data = new byte[512] });

        CommandResult result = (await _sandbox.RunAsync("node", "app", "--json", "--method", "rbd-export")).Ends(5);

        JsonElement location = Assert.Single(result.Results, static need => Text(need, "need") == "rbd-location");
        Assert.Equal(("Fail", image.Id), (Text(location, "status"), Text(location, "imageId")));
        (await _sandbox.RunAsync("node", "app")).Ends(0);
        (await _sandbox.RunAsync("node", Guid.NewGuid().ToString())).Ends(4);
    }

    [Fact]
    public async Task ServicesThatDoNotAnswerMakeEveryMethodUnavailableOnlyWhenTheyAreAsked()
    {
        _sandbox.Environment["OS_AUTH_URL"] = "http://127.0.0.1:1/v3";
        _sandbox.Environment["IMAGECACHE_RETRIES"] = "0";

        (await _sandbox.RunAsync("node", "--method", "download")).Ends(0);
        CommandResult result = (await _sandbox.RunAsync("node", "--online", "--json")).Ends(5);
        Assert.Equal("Fail", Text(Assert.Single(result.Results, static need => Text(need, "need") == "keystone"), "status"));
    }

    private static string? Text(JsonElement element, string name) => element.GetProperty(name).GetString();
}
