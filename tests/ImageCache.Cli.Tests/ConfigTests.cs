using System.Text.Json;
using Xunit;

namespace ImageCache.Cli.Tests;

public sealed class ConfigTests : IDisposable
{
    private readonly CommandSandbox _sandbox = new();

    public void Dispose() => _sandbox.Dispose();

    [Fact]
    public async Task EverySettingIsAnObjectWithItsOrigin()
    {
        string file = _sandbox.PathOf("my.yaml");
        await File.WriteAllTextAsync(file, "rate_limit: 50MiB\nidle_timeout: 2m\nallowed_formats: [raw]\n", TestContext.Current.CancellationToken);

        CommandResult result = (await _sandbox.RunAsync("config", "--json", "--configuration-path", file)).Ends(0);

        Dictionary<string, JsonElement> settings = result.Results.ToDictionary(static line => line.GetProperty("name").GetString()!);
        Assert.Equal(["name", "value", "source", "origin", "description"], settings["rate_limit"].EnumerateObject().Select(static property => property.Name));
        Assert.Equal(50 << 20, settings["rate_limit"].GetProperty("value").GetInt64());
        Assert.Equal($"{file}:1 rate_limit", settings["rate_limit"].GetProperty("origin").GetString());
        Assert.Equal("ConfigurationFile", settings["rate_limit"].GetProperty("source").GetString());
        Assert.Equal(120, settings["idle_timeout"].GetProperty("value").GetDouble());
        Assert.Equal("raw", Assert.Single(settings["allowed_formats"].GetProperty("value").EnumerateArray()).GetString());
        Assert.Equal(("Environment", "IMAGECACHE_CACHE_PATH"), (settings["cache_path"].GetProperty("source").GetString(), settings["cache_path"].GetProperty("origin").GetString()));
        Assert.Equal(JsonValueKind.True, settings["force_raw_images"].GetProperty("value").ValueKind);
        Assert.Equal(JsonValueKind.Null, settings["maximum_size"].GetProperty("value").ValueKind);
        Assert.Empty(result.Error);
    }

    [Fact]
    public async Task PeopleReadSizesAndTimes()
    {
        _sandbox.Environment["IMAGECACHE_RATE_LIMIT"] = "52428800";
        _sandbox.Environment["IMAGECACHE_IDLE_TIMEOUT"] = "90";

        CommandResult result = (await _sandbox.RunAsync("config")).Ends(0);

        Assert.Matches(@"(?m)^rate_limit +50 MiB +IMAGECACHE_RATE_LIMIT$", result.Output);
        Assert.Matches(@"(?m)^idle_timeout +1 min 30 s +IMAGECACHE_IDLE_TIMEOUT$", result.Output);
    }

    [Fact]
    public async Task WhatRbdExportLacksIsTold()
    {
        _sandbox.Environment["IMAGECACHE_RBD_CEPH_CONF"] = "/no/such/ceph.conf";

        CommandResult config = (await _sandbox.RunAsync("config")).Ends(0);
        CommandResult init = (await _sandbox.RunAsync("init", "--create", "--verbose")).Ends(0);

        Assert.Matches("(?m)^rbd_export_on_this_node +not possible: .*'/no/such/ceph.conf'", config.Output);
        Assert.Contains("RbdExport on this node: not possible: the ceph.conf cannot be read", init.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AWrongKeyIsAUsageErrorWithFileAndLine()
    {
        string file = _sandbox.PathOf("my.yaml");
        await File.WriteAllTextAsync(file, "retries: 1\nretrys: 1\n", TestContext.Current.CancellationToken);

        CommandResult result = (await _sandbox.RunAsync("list", "--json", "--configuration-path", file)).Ends(2);

        Assert.Empty(result.Output);
        JsonElement error = Assert.Single(result.Messages);
        Assert.Equal("ConfigurationInvalid", error.GetProperty("errorId").GetString());
        Assert.StartsWith($"{file}:2:", error.GetProperty("message").GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--rate-limit", "fast")]
    [InlineData("--throttle-limit", "0")]
    public async Task AWrongValueOfAnOptionIsAUsageError(string option, string value)
        => Assert.Contains(value, (await _sandbox.RunAsync("fetch", "x", option, value)).Ends(2).Error, StringComparison.Ordinal);
}
