using System.Security.Cryptography;
using System.Text.Json;
using ImageCache.Engine.Tests.Faults;
using Xunit;

namespace ImageCache.Cli.Tests;

public sealed class CloudTests : IAsyncDisposable
{
    private static readonly string[] DescriptorProperties =
    [
        "id", "name", "status", "visibility", "owner", "diskFormat", "containerFormat", "size", "virtualSize", "minDisk", "checksum", "hashAlgorithm",
        "hashValue", "createdAt", "updatedAt", "tags", "properties", "locations", "isSigned", "isCached",
    ];

    private readonly CommandSandbox _sandbox = new();
    private readonly FakeCloud _cloud = FakeCloud.Start();

    public CloudTests()
    {
        _sandbox.AddEnvironment(_cloud.Environment());
        _sandbox.Environment["IMAGECACHE_RETRIES"] = "0";
        _sandbox.Environment["IMAGECACHE_IDLE_TIMEOUT"] = "20";
    }

    public async ValueTask DisposeAsync()
    {
        await _cloud.DisposeAsync();
        _sandbox.Dispose();
    }

    [Fact]
    public async Task FindTellsImagesWithTheCmdletsProperties()
    {
        _cloud.Add(Image("cirros-1") with { Extra = new() { ["MixedCase_Key"] = "kept" } });
        _cloud.Add(Image("debian"));

        CommandResult result = (await _sandbox.RunAsync("find", "--name", "cirros*", "--json")).Ends(0);

        JsonElement image = Assert.Single(result.Results);
        Assert.Subset(image.EnumerateObject().Select(static property => property.Name).ToHashSet(), DescriptorProperties.ToHashSet());
        Assert.Equal("cirros-1", image.GetProperty("name").GetString());
        Assert.Equal("kept", image.GetProperty("properties").GetProperty("MixedCase_Key").GetString());
        Assert.Empty(result.Error);
    }

    [Fact]
    public async Task FindPassesEveryFilterOn()
    {
        _cloud.Add(Image("a") with { Tags = ["x", "y"], Visibility = "public", Extra = new() { ["os_distro"] = "debian" } });
        _cloud.Add(Image("b") with { Tags = ["x"] });

        string[] filters = ["--tag", "x", "--tag", "y", "--owner", FakeCloud.ProjectId, "--visibility", "public", "--status", "active", "--property", "os_distro=debian"];
        CommandResult result = (await _sandbox.RunAsync(["find", "--json", .. filters])).Ends(0);

        Assert.Equal("a", Assert.Single(result.Results).GetProperty("name").GetString());
    }

    [Fact]
    public async Task AHostileNameReachesNoTerminal()
    {
        _cloud.Add(Image("evil\u001b[2J\u0007\nname"));

        CommandResult result = (await _sandbox.RunAsync("find")).Ends(0);

        Assert.Contains("evil?[2J??name", result.Output, StringComparison.Ordinal);
        Assert.Equal(2, result.Output.Count(static c => c == '\n'));
    }

    [Fact]
    public async Task AMethodThatCannotBringAnImageSaysWhy()
    {
        FakeImage image = _cloud.Add(Image("elsewhere") with { Extra = new() { ["direct_url"] = "rbd://short-form" } });

        CommandResult result = (await _sandbox.RunAsync("fetch", image.Id, "--method", "rbd-export", "--json")).Ends(5);

        JsonElement error = Assert.Single(result.Messages);
        Assert.Equal("MethodUnavailable", error.GetProperty("errorId").GetString());
        Assert.Contains("short form", error.GetProperty("message").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task ImagesAreFetchedByIdAndByName()
    {
        FakeImage first = _cloud.Add(Image("first"));
        FakeImage second = _cloud.Add(Image("second"));

        CommandResult result = (await _sandbox.RunAsync("fetch", first.Id, "second", "--method", "Download", "--rate-limit", "100MiB/s", "--throttle-limit", "2", "--json")).Ends(0);

        Assert.Equal(new[] { first.Id, second.Id }.Order(), result.Results.Select(static image => image.GetProperty("id").GetString()).Order());
        Assert.All(result.Results, static image => Assert.Equal("Download", image.GetProperty("method").GetString()));
    }

    [Theory]
    [InlineData("unknown", 4, "ImageNotFound")]
    [InlineData("no-data", 4, "ImageDataNotFound")]
    [InlineData("wrong-bytes", 3, "DigestMismatch")]
    [InlineData("forbidden", 3, "AccessDenied")]
    [InlineData("foreign", 3, "ImageNotAllowed")]
    [InlineData("twin", 2, "AmbiguousImage")]
    [InlineData("broken", 5, "ServiceUnavailable")]
    [InlineData("cut", 5, "TransferFailed")]
    public async Task EachFailureHasItsCodeAndId(string image, int exitCode, string errorId)
    {
        Prepare(image);

        CommandResult result = (await _sandbox.RunAsync("fetch", image, "--json")).Ends(exitCode);

        Assert.Empty(result.Output);
        Assert.Equal(errorId, result.Messages.Single(static line => line.TryGetProperty("errorId", out _)).GetProperty("errorId").GetString());
        Assert.Empty(_sandbox.BaseFiles);
        Assert.Empty(_sandbox.Leftovers);
    }

    [Fact]
    public async Task FailuresThatAgreeKeepTheirCodeAndOthersAreOne()
    {
        Prepare("wrong-bytes");
        _cloud.Add(Image("good"));

        (await _sandbox.RunAsync("fetch", "unknown-1", "good", "unknown-2")).Ends(4);
        CommandResult result = (await _sandbox.RunAsync("fetch", "unknown", "wrong-bytes", "good", "--json")).Ends(1);

        Assert.Equal("good", Assert.Single(result.Results).GetProperty("name").GetString());
        Assert.Equal(2, result.Messages.Count(static line => line.TryGetProperty("errorId", out _)));
    }

    [Fact]
    public async Task NoServiceIsAskedByList()
    {
        (await _sandbox.RunAsync("list")).Ends(0);

        Assert.Empty(_cloud.Server.Requests);
    }

    [Theory]
    [InlineData("find")]
    [InlineData("fetch", "unknown")]
    [InlineData("fetch", "broken")]
    [InlineData("fetch", "good")]
    public async Task NoSecretIsTold(params string[] line)
    {
        Prepare("broken");
        _cloud.Add(Image("good"));

        CommandResult result = await _sandbox.RunAsync([.. line, "--verbose"]);

        Assert.NotEmpty(_cloud.Server.Requests);
        Assert.DoesNotContain("planted", result.Output + result.Error, StringComparison.Ordinal);
    }

    private void Prepare(string name)
    {
        FakeImage image = Image(name);
        string data = FakeCloud.DataPath(image.Id);
        switch (name)
        {
            case "no-data":
                image = image with { Data = [], Size = 1000 };
                break;
            case "foreign":
                image = image with { Visibility = "private", Owner = new string('f', 32) };
                break;
            case "twin":
                _cloud.Add(Image(name));
                break;
            case "wrong-bytes":
                _cloud.Server.Always("GET", data, static answer => answer with { WrongBytes = [70_000] });
                break;
            case "forbidden":
                _cloud.Server.Always("GET", data, static _ => FaultAnswer.Text("no", 403));
                break;
            case "broken":
                _cloud.Server.Always("GET", data, static _ => FaultAnswer.Text("no", 503));
                break;
            case "cut":
                _cloud.Server.Always("GET", data, static answer => answer with { CutAfter = 1000 });
                break;
            default:
                return;
        }

        _cloud.Add(image);
    }

    private static FakeImage Image(string name) => new() { Name = name, Data = RandomNumberGenerator.GetBytes(100_000) };
}
