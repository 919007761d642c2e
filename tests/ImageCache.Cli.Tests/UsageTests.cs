using System.Text.Json;
using Xunit;

namespace ImageCache.Cli.Tests;

public sealed class UsageTests : IDisposable
{
    private readonly CommandSandbox _sandbox = new();

    public void Dispose() => _sandbox.Dispose();

    [Fact]
    public async Task VersionIsOneLine()
    {
        CommandResult result = (await _sandbox.RunAsync("--version")).Ends(0);

        Assert.Matches(@"^\d+\.\d+\.\d+\S*\n$", result.Output);
        Assert.Empty(result.Error);
    }

    [Fact]
    public async Task HelpNamesTheVerbsThereAreAndNoOthers()
    {
        CommandResult result = (await _sandbox.RunAsync("--help")).Ends(0);

        string[] verbs = [.. result.Output[(result.Output.IndexOf("Commands:", StringComparison.Ordinal) + 9)..]
            .Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(static line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[0])];
        Assert.Equal(
            ["find", "list", "fetch", "init", "remove", "prune", "signature", "verify", "disk", "popularity", "precache", "critical", "node", "maintain", "config"],
            verbs);
        Assert.Contains("imagecache [command] [options]", result.Output, StringComparison.Ordinal);
        Assert.Empty(result.Error);
    }

    [Theory]
    [InlineData("fetch", "--uri", "--checksum", "--method", "--force", "--require-signature", "--signature-policy", "--trusted-certificate", "--rate-limit", "--throttle-limit")]
    [InlineData("find", "--name", "--tag", "--owner", "--visibility", "--status", "--property")]
    [InlineData("list", "--name")]
    [InlineData("remove", "--force", "--what-if")]
    [InlineData("popularity", "--first", "--owner", "--no-scan", "--import")]
    [InlineData("precache", "--first", "--critical", "--name", "--tag", "--owner", "--visibility", "--import", "--method", "--require-signature", "--maximum-size", "--jitter", "--rate-limit", "--throttle-limit", "--what-if")]
    [InlineData("init", "--create", "--what-if")]
    [InlineData("node", "--method", "--online")]
    [InlineData("config")]
    public async Task HelpOfAVerbNamesItsOptionsAndTheGlobalOnes(string verb, params string[] options)
    {
        CommandResult result = (await _sandbox.RunAsync(verb, "--help")).Ends(0);

        Assert.All(
            options.Concat(["--json", "--verbose", "--cache-path", "--cloud", "--configuration-path"]),
            option => Assert.Contains(option, result.Output, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("")]
    [InlineData("prune something")]
    [InlineData("critical")]
    [InlineData("critical nope")]
    [InlineData("critical register")]
    [InlineData("critical register x --target-size big")]
    [InlineData("critical register x --method teleport")]
    [InlineData("critical unregister")]
    [InlineData("critical list --nope")]
    [InlineData("critical sync --nope")]
    [InlineData("popularity x")]
    [InlineData("signature")]
    [InlineData("popularity --first 0")]
    [InlineData("precache --jitter sometimes")]
    [InlineData("precache --jitter 8d")]
    [InlineData("precache --maximum-size much")]
    [InlineData("precache --method teleport")]
    [InlineData("precache --visibility everywhere")]
    [InlineData("disk create x")]
    [InlineData("--nope")]
    [InlineData("list --nope")]
    [InlineData("list x --nope y")]
    [InlineData("config x")]
    [InlineData("fetch")]
    [InlineData("remove")]
    [InlineData("fetch x --uri file:///x")]
    [InlineData("fetch x --checksum sha256:00")]
    [InlineData("fetch x --method teleport")]
    [InlineData("fetch x --uri")]
    [InlineData("fetch --uri file:///x --uri file:///y")]
    [InlineData("find x")]
    [InlineData("find --visibility everywhere")]
    [InlineData("find --property novalue")]
    [InlineData("find --name a --name b")]
    public async Task AWrongLineIsAUsageErrorAndWritesNoResult(string line)
    {
        CommandResult result = (await _sandbox.RunAsync(line.Split(' ', StringSplitOptions.RemoveEmptyEntries))).Ends(2);

        Assert.Empty(result.Output);
        Assert.StartsWith("error: ", result.Error, StringComparison.Ordinal);
        Assert.Contains("--help", result.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--json prune something")]
    [InlineData("fetch --json")]
    [InlineData("list --nope --json")]
    public async Task WithJsonAUsageErrorIsAnObject(string line)
    {
        CommandResult result = (await _sandbox.RunAsync(line.Split(' '))).Ends(2);

        Assert.Empty(result.Output);
        JsonElement error = Assert.Single(result.Messages);
        Assert.Equal("UsageInvalid", error.GetProperty("errorId").GetString());
        Assert.Equal(["errorId", "category", "imageId", "message", "nextStep"], error.EnumerateObject().Select(static property => property.Name));
    }

    [Theory]
    [InlineData("--json list no-such-image --cache-path CACHE")]
    [InlineData("--cache-path CACHE list --json no-such-image")]
    [InlineData("list no-such-image --cache-path=CACHE --json")]
    [InlineData("list --cache-path CACHE --json -- no-such-image")]
    public async Task GlobalOptionsStandAnywhere(string line)
    {
        _sandbox.Environment["IMAGECACHE_CACHE_PATH"] = "/nowhere";

        CommandResult result = (await _sandbox.RunAsync(line.Replace("CACHE", _sandbox.CachePath, StringComparison.Ordinal).Split(' '))).Ends(4);

        Assert.Equal("no-such-image", Assert.Single(result.Messages).GetProperty("imageId").GetString());
    }

    [Fact]
    public async Task AnImageMayLookLikeAnOptionBehindTwoDashes()
        => Assert.Contains("'--force'", (await _sandbox.RunAsync("list", "--", "--force")).Ends(4).Error, StringComparison.Ordinal);

    [Fact]
    public async Task AnImageMayBeginWithAnAtSign()
        => Assert.Contains("'@image'", (await _sandbox.RunAsync("list", "@image")).Ends(4).Error, StringComparison.Ordinal);

    [Fact]
    public async Task AFlagNeverTakesTheImageBehindIt()
        => Assert.Contains("'true'", (await _sandbox.RunAsync("remove", "--force", "true")).Ends(4).Error, StringComparison.Ordinal);
}
