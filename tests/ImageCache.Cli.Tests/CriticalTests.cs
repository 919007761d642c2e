using System.Text.Json;
using Xunit;

namespace ImageCache.Cli.Tests;

/// <summary><c>imagecache critical</c> without any service.</summary>
public sealed class CriticalTests : IDisposable
{
    private static readonly string[] Properties =
    [
        "id", "name", "node", "path", "status", "reason", "isCached", "digestStatus", "signatureStatus", "targetSizes", "missingTargets", "method",
        "requireSignature", "size", "registeredAt", "syncedAt", "isFresh",
    ];

    private readonly CommandSandbox _sandbox = new();

    public void Dispose() => _sandbox.Dispose();

    [Fact]
    public async Task AnImageIsRegisteredListedSynchronizedAndUnregistered()
    {
        (string uri, string checksum) = await FetchAsync();
        JsonElement registered = Assert.Single((await RunAsync(0, "register", "--target-size", "1MiB", "image.raw", "--no-fetch")).Results);
        Assert.Equal(Properties, registered.EnumerateObject().Select(static property => property.Name));
        Assert.Equal("Incomplete", registered.GetProperty("status").GetString());
        Assert.Equal(1 << 20, registered.GetProperty("targetSizes")[0].GetInt64());
        Assert.Equal("Present", Assert.Single((await RunAsync(0, "register", "image.raw")).Results).GetProperty("status").GetString());
        Assert.Equal(checksum, Assert.Single((await RunAsync(0, "list")).Results).GetProperty("id").GetString());
        (await _sandbox.RunAsync("remove", "image.raw", "--json")).Ends(3);

        File.Delete(Assert.Single(_sandbox.BaseFiles));
        Assert.Equal("Missing", Assert.Single((await RunAsync(0, "sync", "--what-if")).Results).GetProperty("status").GetString());
        Assert.Equal("Present", Assert.Single((await RunAsync(0, "sync")).Results).GetProperty("status").GetString());
        File.Delete(Assert.Single(_sandbox.BaseFiles));
        File.Delete(new Uri(uri).LocalPath);
        Assert.NotEqual(0, (await _sandbox.RunAsync("critical", "sync", "--json")).ExitCode);
        Assert.Single((await RunAsync(0, "unregister", "image.raw")).Results);
        Assert.Empty((await RunAsync(0, "list")).Results);
    }

    [Fact]
    public async Task WhatIsNotCriticalIsNotFound() => (await _sandbox.RunAsync("critical", "list", "nobody", "--json")).Ends(4);

    [Fact]
    public async Task AListThatCannotBeReadIsUnavailable()
    {
        await FetchAsync();
        await File.WriteAllTextAsync(_sandbox.PathOf("instances/_base/.imagecache/critical.json"), "{", TestContext.Current.CancellationToken);
        (await _sandbox.RunAsync("critical", "list")).Ends(5);
        (await _sandbox.RunAsync("critical", "sync")).Ends(5);
        (await _sandbox.RunAsync("critical", "register", "image.raw", "--force", "--json")).Ends(0);
    }

    private async Task<(string Uri, string Checksum)> FetchAsync()
    {
        (string uri, string checksum) = _sandbox.WriteImage("image.raw");
        (await _sandbox.RunAsync("fetch", "--uri", uri, "--checksum", checksum)).Ends(0);
        return (uri, checksum);
    }

    private async Task<CommandResult> RunAsync(int code, params string[] arguments)
        => (await _sandbox.RunAsync(["critical", .. arguments, "--json"])).Ends(code);
}
