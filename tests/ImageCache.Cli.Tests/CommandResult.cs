using System.Text.Json;
using Xunit;

namespace ImageCache.Cli.Tests;

/// <summary>What a run of the command left behind.</summary>
internal sealed record CommandResult(int ExitCode, string Output, string Error)
{
    /// <summary>Standard output as JSON lines.</summary>
    public JsonElement[] Results => Lines(Output);

    /// <summary>Standard error as JSON lines.</summary>
    public JsonElement[] Messages => Lines(Error);

    /// <summary>Asserts the exit code, and shows both streams when it is another.</summary>
    public CommandResult Ends(int exitCode)
    {
        Assert.True(ExitCode == exitCode, $"exit code {ExitCode} in place of {exitCode}\n--- standard output\n{Output}\n--- standard error\n{Error}");
        return this;
    }

    private static JsonElement[] Lines(string text)
        => [.. text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(static line => JsonDocument.Parse(line).RootElement)];
}
