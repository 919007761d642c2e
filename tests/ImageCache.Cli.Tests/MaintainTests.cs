using System.Text.Json;
using Xunit;

namespace ImageCache.Cli.Tests;

/// <summary><c>imagecache maintain</c>.</summary>
public sealed class MaintainTests : IDisposable
{
    private readonly CommandSandbox _sandbox = new();

    public void Dispose() => _sandbox.Dispose();

    [Fact]
    public async Task EveryPartIsAnObject()
    {
        await FetchAsync();
        CommandResult result = (await _sandbox.RunAsync("maintain", "--json")).Ends(0);
        Assert.Equal(
            Enum.GetNames<MaintenanceStep>(),
            result.Results.Select(static part => part.GetProperty("step").GetString()!));
        Assert.All(result.Results, static part => Assert.Contains(part.GetProperty("status").GetString(), new[] { "Done", "Skipped" }));
    }

    [Fact]
    public async Task StepsChooseAndWordsThatAreNoneAreRefused()
    {
        File.SetLastWriteTimeUtc(await FetchAsync(), DateTime.UtcNow.AddMinutes(-1));
        CommandResult result = (await _sandbox.RunAsync("maintain", "--steps", "verify", "--json")).Ends(0);
        JsonElement done = Assert.Single(result.Results);
        Assert.Equal(("Verify", 1), (done.GetProperty("step").GetString(), done.GetProperty("items").GetInt32()));
        (await _sandbox.RunAsync("maintain", "--steps", "dance")).Ends(2);
    }

    [Fact]
    public async Task WhatIfRemovesNothing()
    {
        string path = await FetchAsync();
        File.Delete(path);
        CommandResult result = (await _sandbox.RunAsync("maintain", "--what-if", "--steps", "initialize", "--json")).Ends(0);
        Assert.Equal(1, result.Results[0].GetProperty("changed").GetInt32());
        Assert.Equal(1, (await _sandbox.RunAsync("maintain", "--steps", "initialize", "--json")).Ends(0).Results[0].GetProperty("changed").GetInt32());
    }

    [Fact]
    public async Task AMissingCacheIsUnavailable()
    {
        CommandResult result = (await _sandbox.RunAsync("maintain", "--cache-path", "/nonexistent/_base", "--json")).Ends(5);
        Assert.Empty(result.Results);
    }

    private async Task<string> FetchAsync()
    {
        (string uri, string checksum) = _sandbox.WriteImage("image.raw");
        return (await _sandbox.RunAsync("fetch", "--uri", uri, "--checksum", checksum, "--json")).Ends(0).Results[0].GetProperty("path").GetString()!;
    }
}
