using System.Text.Json;
using Xunit;

namespace ImageCache.Cli.Tests;

public sealed class CacheTests : IDisposable
{
    private static readonly string[] BaseImageProperties =
    [
        "id", "name", "node", "path", "state", "method", "diskFormat", "virtualSize", "size", "allocatedSize", "sourceDigest", "digest", "digestStatus",
        "signatureStatus", "isCritical", "inUse", "fetchedAt", "lastUsedAt", "useCount", "hit", "bytesTransferred", "duration",
    ];

    private readonly CommandSandbox _sandbox = new();

    public void Dispose() => _sandbox.Dispose();

    [Fact]
    public async Task AFetchIsAnObjectAndItsRepeatAHit()
    {
        (string uri, string checksum) = _sandbox.WriteImage("image.raw");

        CommandResult miss = (await _sandbox.RunAsync("fetch", "--uri", uri, "--checksum", checksum, "--json")).Ends(0);
        CommandResult hit = (await _sandbox.RunAsync("fetch", "--uri", uri, "--checksum", checksum, "--json")).Ends(0);

        JsonElement image = Assert.Single(miss.Results);
        Assert.Empty(miss.Error);
        Assert.Subset(image.EnumerateObject().Select(static property => property.Name).ToHashSet(), BaseImageProperties.ToHashSet());
        Assert.Equal(("Ready", "Uri", "Verified"), (Text(image, "state"), Text(image, "method"), Text(image, "digestStatus")));
        Assert.Equal(checksum, Text(image, "sourceDigest"));
        Assert.False(image.GetProperty("hit").GetBoolean());
        Assert.Equal(JsonValueKind.Number, image.GetProperty("duration").ValueKind);
        Assert.Equal([Text(image, "path")], _sandbox.BaseFiles);
        Assert.True(Assert.Single(hit.Results).GetProperty("hit").GetBoolean());
        Assert.Equal(0, hit.Results[0].GetProperty("bytesTransferred").GetInt64());
        Assert.Empty(_sandbox.Leftovers);
    }

    [Fact]
    public async Task AnImageIsListedAndRemovedByIdNameOrFile()
    {
        foreach (string property in new[] { "id", "name", "path" })
        {
            (string uri, string checksum) = _sandbox.WriteImage("image.raw");
            JsonElement image = Assert.Single((await _sandbox.RunAsync("fetch", "--uri", uri, "--checksum", checksum, "--json")).Ends(0).Results);
            string reference = Path.GetFileName(Text(image, property)!);

            Assert.Equal(Text(image, "id"), Text(Assert.Single((await _sandbox.RunAsync("list", reference, "--json")).Ends(0).Results), "id"));
            Assert.Equal(Text(image, "path"), Text(Assert.Single((await _sandbox.RunAsync("remove", reference, "--json")).Ends(0).Results), "path"));
            Assert.Empty(_sandbox.BaseFiles);
        }
    }

    [Fact]
    public async Task RemovingWhatIfRemovesNothing()
    {
        (string uri, string checksum) = _sandbox.WriteImage("image.raw");
        (await _sandbox.RunAsync("fetch", "--uri", uri, "--checksum", checksum)).Ends(0);

        CommandResult result = (await _sandbox.RunAsync("remove", "image.raw", "--what-if", "--json")).Ends(0);

        Assert.Single(result.Results);
        Assert.Empty(result.Error);
        Assert.Single(_sandbox.BaseFiles);
    }

    [Fact]
    public async Task TablesInAPipeAreNeverCut()
    {
        string name = new string('n', 150) + ".raw";
        (string uri, string checksum) = _sandbox.WriteImage(name);

        CommandResult fetched = (await _sandbox.RunAsync("fetch", "--uri", uri, "--checksum", checksum)).Ends(0);
        CommandResult listed = (await _sandbox.RunAsync("list")).Ends(0);

        Assert.All([fetched, listed], result => Assert.Contains(name, result.Output, StringComparison.Ordinal));
        Assert.Equal(2, listed.Output.Count(static c => c == '\n'));
        Assert.Contains(checksum, listed.Output, StringComparison.Ordinal);
        Assert.DoesNotContain('\u001b', fetched.Output + fetched.Error + listed.Output + listed.Error);
        Assert.Empty(fetched.Error);
    }

    [Fact]
    public async Task AnEmptyCacheListsNothingOnStandardOutput()
    {
        Assert.Empty((await _sandbox.RunAsync("list")).Ends(0).Output);
        CommandResult json = (await _sandbox.RunAsync("list", "--json")).Ends(0);
        Assert.Empty(json.Output + json.Error);
    }

    [Fact]
    public async Task OneMissingImageStopsNoOther()
    {
        (string uri, string checksum) = _sandbox.WriteImage("image.raw");
        (await _sandbox.RunAsync("fetch", "--uri", uri, "--checksum", checksum)).Ends(0);

        CommandResult result = (await _sandbox.RunAsync("list", "missing", "image.raw", "--json")).Ends(4);

        Assert.Single(result.Results);
        Assert.Equal("ImageNotCached", Text(Assert.Single(result.Messages), "errorId"));
    }

    [Fact]
    public async Task AWrongChecksumIsRefusedAndNothingKept()
    {
        (string uri, string _) = _sandbox.WriteImage("image.raw");

        CommandResult result = (await _sandbox.RunAsync("fetch", "--uri", uri, "--checksum", $"sha256:{new string('0', 64)}", "--json")).Ends(3);

        Assert.Empty(result.Output);
        JsonElement error = Assert.Single(result.Messages);
        Assert.Equal(("DigestMismatch", "SecurityError"), (Text(error, "errorId"), Text(error, "category")));
        Assert.NotNull(Text(error, "imageId"));
        Assert.Empty(_sandbox.BaseFiles);
        Assert.Empty(_sandbox.Leftovers);
    }

    [Fact]
    public async Task AMethodThatIsNotToBeHadIsUnavailable()
    {
        (string uri, string checksum) = _sandbox.WriteImage("image.raw");

        CommandResult result = (await _sandbox.RunAsync("fetch", "--uri", uri, "--checksum", checksum, "--method", "rbd-export", "--json")).Ends(5);

        Assert.Equal("MethodUnavailable", Text(Assert.Single(result.Messages), "errorId"));
    }

    [Fact]
    public async Task AMissingCacheIsUnavailableUntilInitMakesIt()
    {
        using CommandSandbox sandbox = new(createCache: false);

        Assert.Equal("CacheUnavailable", Text(Assert.Single((await sandbox.RunAsync("list", "--json")).Ends(5).Messages), "errorId"));
        JsonElement created = Assert.Single((await sandbox.RunAsync("init", "--create", "--json")).Ends(0).Results);
        Assert.Equal(("Created", sandbox.CachePath), (Text(created, "action"), Text(created, "path")));
        Assert.Equal(["id", "name", "node", "path", "action", "reason"], created.EnumerateObject().Select(static property => property.Name));
        (await sandbox.RunAsync("list")).Ends(0);
    }

    private static string? Text(JsonElement element, string property) => element.GetProperty(property).GetString();
}
