using System.Text.Json;
using Xunit;

namespace ImageCache.Cli.Tests;

public sealed class DiskTests : IDisposable
{
    private static readonly string[] Properties =
    [
        "imageId", "name", "node", "path", "format", "virtualSize", "backingFile", "backingFormat", "base", "target", "size", "allocatedSize", "copyMethod",
        "createdAt",
    ];

    private readonly CommandSandbox _sandbox = new();

    private string DiskPath => _sandbox.PathOf("instances/disk");

    public void Dispose() => _sandbox.Dispose();

    [Fact]
    public async Task ADiskIsMadeAndTold()
    {
        string image = await FetchAsync();
        CommandResult result = (await _sandbox.RunAsync("disk", "create", "image.raw", "--path", DiskPath, "--size", "2MiB", "--json")).Ends(0);
        JsonElement disk = Assert.Single(result.Results);
        Assert.Equal(Properties.Order(), disk.EnumerateObject().Select(static property => property.Name).Order());
        Assert.Equal((DiskPath, "Qcow2", image), (Text(disk, "path"), Text(disk, "format"), Text(disk, "backingFile")));
        Assert.Equal(2 << 20, disk.GetProperty("virtualSize").GetInt64());
        Assert.Empty(result.Error);
        Assert.Empty(_sandbox.Leftovers);
        Assert.True(File.Exists(DiskPath), "there is no disk");
    }

    [Fact]
    public async Task ARelativePathCountsFromHere()
    {
        await FetchAsync();
        (await _sandbox.ShellAsync($"cd {_sandbox.PathOf("instances")} && \"$imagecache\" disk create image.raw --path disk --format raw")).Ends(0);
        Assert.Equal(200_192, new FileInfo(DiskPath).Length);
    }

    [Fact]
    public async Task ATargetLiesInTheCache()
    {
        await FetchAsync();
        CommandResult result = (await _sandbox.RunAsync("disk", "create", "image.raw", "--path", DiskPath, "--size", "2097152", "--target", "--json")).Ends(0);
        JsonElement disk = Assert.Single(result.Results);
        Assert.Equal(Text(disk, "target"), Text(disk, "backingFile"));
        Assert.EndsWith(".2097152", Text(disk, "target"), StringComparison.Ordinal);
        Assert.StartsWith(_sandbox.CachePath, Text(disk, "target"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(3, "DiskSmallerThanImage", "--size", "1KiB")]
    [InlineData(5, "DiskPathUnavailable", "--path", "nowhere/at/all/disk")]
    [InlineData(2, "DiskPathInvalid", "--path", "instances/_base/disk")]
    [InlineData(4, "ImageNotCached", "nobody")]
    public async Task WhatIsRefusedHasItsExitCode(int code, string errorId, params string[] change)
    {
        await FetchAsync();
        string path = change[0] == "--path" ? _sandbox.PathOf(change[1]) : DiskPath;
        string[] size = change[0] == "--size" ? change : [];
        string image = change[0].StartsWith('-') ? "image.raw" : change[0];
        CommandResult result = (await _sandbox.RunAsync(["disk", "create", image, "--path", path, .. size, "--json"])).Ends(code);
        Assert.Contains(errorId, result.Error, StringComparison.Ordinal);
        Assert.False(File.Exists(path), "a disk was made");
    }

    [Fact]
    public async Task AFileThatIsThereIsReplacedOnlyOnRequest()
    {
        await FetchAsync();
        File.WriteAllText(DiskPath, "precious");
        (await _sandbox.RunAsync("disk", "create", "image.raw", "--path", DiskPath)).Ends(3);
        CommandResult planned = (await _sandbox.RunAsync("disk", "create", "image.raw", "--path", DiskPath, "--force", "--what-if")).Ends(0);
        Assert.Contains("would be replaced", planned.Error, StringComparison.Ordinal);
        Assert.Equal("precious", File.ReadAllText(DiskPath));
        (await _sandbox.RunAsync("disk", "create", "image.raw", "--path", DiskPath, "--force")).Ends(0);
        Assert.NotEqual("precious", File.ReadAllText(DiskPath));
    }

    [Theory]
    [InlineData("disk")]
    [InlineData("disk", "create")]
    [InlineData("disk", "create", "image.raw")]
    [InlineData("disk", "create", "image.raw", "--path", "/x", "--instance-id", "1f0b7a52-91d1-4a10-a1ad-52c9f0b6c1aa")]
    [InlineData("disk", "create", "image.raw", "--path", "/x", "--size", "much")]
    [InlineData("disk", "create", "image.raw", "--path", "/x", "--size", "-1")]
    [InlineData("disk", "create", "image.raw", "--path", "/x", "--size", "1G", "--flavor", "small")]
    [InlineData("disk", "create", "image.raw", "--path", "/x", "--format", "vmdk")]
    [InlineData("disk", "create", "image.raw", "--path", "/x", "--nope")]
    public async Task WhatCannotBeUnderstoodIsAUsageError(params string[] arguments) => (await _sandbox.RunAsync(arguments)).Ends(2);

    private async Task<string> FetchAsync()
    {
        (string uri, string checksum) = _sandbox.WriteImage("image.raw");
        CommandResult fetched = (await _sandbox.RunAsync("fetch", "--uri", uri, "--checksum", checksum, "--json")).Ends(0);
        return Text(Assert.Single(fetched.Results), "path")!;
    }

    private static string? Text(JsonElement disk, string name) => disk.GetProperty(name).GetString();
}
