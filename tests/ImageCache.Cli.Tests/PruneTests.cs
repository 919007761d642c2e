using Xunit;

namespace ImageCache.Cli.Tests;

public sealed class PruneTests : IDisposable
{
    private static readonly string[] Properties =
        ["path", "imageId", "name", "node", "kind", "size", "allocatedSize", "age", "action", "reason", "usedBy", "done", "error"];

    private readonly CommandSandbox _sandbox = new();

    public void Dispose() => _sandbox.Dispose();

    [Fact]
    public async Task EachFileIsALineAndWhatIsUnusedGoes()
    {
        string old = Write('0', days: 3);
        string young = Write('1', days: 0);
        CommandResult planned = (await _sandbox.RunAsync("prune", "--what-if", "--json")).Ends(0);
        Assert.True(File.Exists(old));
        CommandResult result = (await _sandbox.RunAsync("prune", "--json")).Ends(0);
        Assert.Equal(Properties.Order(), result.Results[0].EnumerateObject().Select(static property => property.Name).Order());
        Assert.Equal([(old, "Remove"), (young, "Keep")], Told(result));
        Assert.Equal(Told(planned), Told(result));
        Assert.All(planned.Results, static line => Assert.False(line.GetProperty("done").GetBoolean()));
        Assert.All(result.Results, static line => Assert.True(line.GetProperty("done").GetBoolean()));
        Assert.False(File.Exists(old));
        Assert.Empty(result.Error);
    }

    [Fact]
    public async Task APersonIsToldThatNothingWasChanged()
    {
        Write('0', days: 3);
        CommandResult result = (await _sandbox.RunAsync("prune", "--what-if")).Ends(0);
        Assert.Contains("unused for 3d", result.Output, StringComparison.Ordinal);
        Assert.Contains("--what-if", result.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--minimum-age", "4d", 0)]
    [InlineData("--minimum-age", "2d", 1)]
    [InlineData("--minimum-age", "0", 2)]
    [InlineData("--when-needed", null, 0)]
    public async Task OptionsAreHeeded(string option, string? value, int leaving)
    {
        Write('0', days: 3);
        Write('1', days: 0);
        CommandResult result = (await _sandbox.RunAsync(["prune", "--json", option, .. value is null ? Array.Empty<string>() : [value]])).Ends(0);
        Assert.Equal(leaving, Told(result).Count(static told => told.Action == "Remove"));
    }

    [Fact]
    public async Task TheCapTakesWhatWasKeptForLater()
    {
        Write('0', days: 3);
        Write('1', days: 5);
        CommandResult result = (await _sandbox.RunAsync("prune", "--when-needed", "--maximum-size", "5000", "--json")).Ends(0);
        Assert.Equal(["Remove", "Keep"], Told(result).Select(static told => told.Action));
    }

    [Theory]
    [InlineData("--maximum-size", "much")]
    [InlineData("--minimum-age", "long")]
    [InlineData("--high-watermark", "101")]
    public async Task AValueThatIsNoneIsAUsageError(string option, string value) => (await _sandbox.RunAsync("prune", option, value)).Ends(2);

    private string Write(char digit, int days)
    {
        string path = Path.Join(_sandbox.CachePath, new string(digit, 40));
        File.WriteAllBytes(path, new byte[4096]);
        File.SetLastWriteTimeUtc(path, DateTime.UtcNow.AddDays(-days));
        return path;
    }

    private static IEnumerable<(string Path, string Action)> Told(CommandResult result)
        => result.Results.Select(static line => (line.GetProperty("path").GetString()!, line.GetProperty("action").GetString()!));
}
