using System.Text.Json;
using Xunit;

namespace ImageCache.Cli.Tests;

public sealed class VerifyTests : IDisposable
{
    private static readonly string[] Properties =
        ["id", "name", "node", "path", "status", "reason", "expected", "actual", "size", "checkedAt", "lastProvedAt", "repaired"];

    private readonly CommandSandbox _sandbox = new();

    public void Dispose() => _sandbox.Dispose();

    [Fact]
    public async Task AWholeCacheIsIntact()
    {
        string path = await FetchAsync("image.raw");
        CommandResult result = (await _sandbox.RunAsync("verify", "--json")).Ends(0);
        JsonElement image = Assert.Single(result.Results);
        Assert.Equal(Properties.Order(), image.EnumerateObject().Select(static property => property.Name).Order());
        Assert.Equal(("Intact", path), (Text(image, "status"), Text(image, "path")));
        Assert.Equal(Text(image, "expected"), Text(image, "actual"));
        Assert.Empty(result.Error);
        Assert.Empty(_sandbox.Leftovers);
    }

    [Fact]
    public async Task DamageEndsWithThreeAndRepairWithNought()
    {
        string path = await FetchAsync("image.raw");
        await FetchAsync("other.raw");
        Flip(path);
        CommandResult found = (await _sandbox.RunAsync("verify", "--json")).Ends(3);
        Assert.Equal(["Damaged", "Intact"], found.Results.Select(static image => Text(image, "status")!).Order());
        CommandResult planned = (await _sandbox.RunAsync("verify", "image.raw", "--repair", "--what-if", "--json")).Ends(3);
        Assert.False(Assert.Single(planned.Results).GetProperty("repaired").GetBoolean());
        CommandResult repaired = (await _sandbox.RunAsync("verify", "--repair", "--json")).Ends(0);
        Assert.True(repaired.Results.Single(static image => Text(image, "status") == "Damaged").GetProperty("repaired").GetBoolean());
        (await _sandbox.RunAsync("verify")).Ends(0);
    }

    [Fact]
    public async Task AMissingFileEndsWithThreeWhateverElseFails()
    {
        string path = await FetchAsync("image.raw");
        File.Delete(path);
        (await _sandbox.RunAsync("verify", "--json")).Ends(3);
        (await _sandbox.RunAsync("verify", "image.raw", "nowhere")).Ends(3);
        (await _sandbox.RunAsync("verify", "nowhere")).Ends(4);
    }

    [Fact]
    public async Task AFileThatNobodyRecordedIsToldAndEndsWithNought()
    {
        await FetchAsync("image.raw");
        File.WriteAllText(Path.Join(_sandbox.CachePath, new string('0', 40)), "nova");
        CommandResult result = (await _sandbox.RunAsync("verify", "--json")).Ends(0);
        Assert.Equal(["Intact", "Unrecorded"], result.Results.Select(static image => Text(image, "status")!).Order());
    }

    [Theory]
    [InlineData("7d", 0)]
    [InlineData("0", 1)]
    public async Task OnlyWhatIsDueIsRead(string age, int count)
    {
        await FetchAsync("image.raw");
        Assert.Equal(count, (await _sandbox.RunAsync("verify", "--older-than", age, "--json")).Ends(0).Results.Length);
    }

    [Theory]
    [InlineData("--older-than", "yesterday")]
    [InlineData("--rate-limit", "fast")]
    public async Task WhatCannotBeReadIsAUsageError(string option, string value)
        => (await _sandbox.RunAsync("verify", option, value)).Ends(2);

    private static string? Text(JsonElement element, string name) => element.GetProperty(name).GetString();

    private static void Flip(string path)
    {
        using FileStream file = new(path, FileMode.Open);
        int value = file.ReadByte();
        file.Position = 0;
        file.WriteByte((byte)(value ^ 1));
    }

    private async Task<string> FetchAsync(string name)
    {
        (string uri, string checksum) = _sandbox.WriteImage(name);
        return Text(Assert.Single((await _sandbox.RunAsync("fetch", "--uri", uri, "--checksum", checksum, "--json")).Ends(0).Results), "path")!;
    }
}
