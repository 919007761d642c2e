using System.Text.Json;
using Xunit;

namespace ImageCache.Cli.Tests;

public sealed class PopularityTests : IDisposable
{
    private static readonly string[] Properties =
    [
        "rank", "id", "name", "owner", "visibility", "node", "nodes", "score", "uses", "totalUses", "lastUsedAt", "isCached", "size", "baseName", "measuredAt",
    ];

    private readonly CommandSandbox _sandbox = new();

    public void Dispose() => _sandbox.Dispose();

    [Fact]
    public async Task UsesAreRankedAndEachFetchIsOne()
    {
        string one = await FetchAsync("one.raw");
        string two = await FetchAsync("two.raw");
        (await _sandbox.RunAsync("fetch", two)).Ends(0);

        CommandResult result = (await _sandbox.RunAsync("popularity", "--json")).Ends(0);
        Assert.Equal([two, one], result.Results.Select(static image => Text(image, "id")));
        Assert.Equal(Properties.Order(), result.Results[0].EnumerateObject().Select(static property => property.Name).Order());
        Assert.Equal(2, result.Results[0].GetProperty("totalUses").GetInt64());
        Assert.Contains("two.raw", (await _sandbox.RunAsync("popularity", "--first", "1")).Ends(0).Output, StringComparison.Ordinal);
        Assert.Single((await _sandbox.RunAsync("popularity", "--first", "1", "--json")).Ends(0).Results);
        Assert.Empty((await _sandbox.RunAsync("popularity", "--owner", "nobody", "--json")).Ends(0).Results);
    }

    [Fact]
    public async Task WhatOtherNodesToldIsSummed()
    {
        string id = await FetchAsync("one.raw");
        string told = (await _sandbox.RunAsync("popularity", "--json")).Ends(0).Output.Replace($"\"{Environment.MachineName}\"", "\"elsewhere\"", StringComparison.Ordinal);
        File.WriteAllText(_sandbox.PathOf("told"), told + "\nno json\n{\"id\": \"a\"}\n");

        CommandResult result = (await _sandbox.RunAsync("popularity", "--import", "told", "--json")).Ends(2);
        JsonElement sum = Assert.Single(result.Results);
        Assert.Equal((id, 2, 2), (Text(sum, "id"), sum.GetProperty("nodes").GetInt32(), sum.GetProperty("totalUses").GetInt32()));
        Assert.Equal(["PopularityInvalid", "PopularityInvalid"], result.Messages.Select(static message => Text(message, "errorId")));
        (await _sandbox.RunAsync("popularity", "--import", "nowhere")).Ends(2);
        CommandResult piped = (await _sandbox.ShellAsync("head -1 told | $imagecache popularity --import - --json")).Ends(0);
        Assert.Equal(2, Assert.Single(piped.Results).GetProperty("nodes").GetInt32());
    }

    [Fact]
    public async Task WhatIsHereIsPrecachedAtOnceWithoutACloud()
    {
        string id = await FetchAsync("one.raw");
        JsonElement image = Assert.Single((await _sandbox.RunAsync("precache", "--json")).Ends(0).Results);
        Assert.Equal((id, true), (Text(image, "id"), image.GetProperty("hit").GetBoolean()));
        JsonElement planned = Assert.Single((await _sandbox.RunAsync("precache", "one.raw", "--what-if", "--jitter", "1d", "--json")).Ends(0).Results);
        Assert.Equal((id, true), (Text(planned, "id"), planned.GetProperty("isCached").GetBoolean()));
        Assert.Single((await _sandbox.RunAsync("precache", "one.raw", "nobody", "--json")).Ends(2).Results);
        Assert.Equal(1, Assert.Single((await _sandbox.RunAsync("popularity", "--json")).Ends(0).Results).GetProperty("totalUses").GetInt32());
    }

    private static string? Text(JsonElement element, string name) => element.GetProperty(name).GetString();

    private async Task<string> FetchAsync(string name)
    {
        (string uri, string checksum) = _sandbox.WriteImage(name);
        return Text(Assert.Single((await _sandbox.RunAsync("fetch", "--uri", uri, "--checksum", checksum, "--json")).Ends(0).Results), "id")!;
    }
}
