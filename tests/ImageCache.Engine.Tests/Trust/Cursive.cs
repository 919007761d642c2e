using System.Diagnostics;
using System.Text.Json;
using Xunit;

namespace ImageCache.Engine.Tests.Trust;

/// <summary>nova's own verifier, by <c>tests/cursive-judge</c>.</summary>
internal static class Cursive
{
    private const string Python = "/usr/bin/python3";

    /// <summary>Skips the test where it is not installed.</summary>
    public static async Task RequireAsync()
    {
        string? reason = await WhyNotAsync();
        Assert.SkipUnless(reason is null, reason ?? string.Empty);
    }

    /// <summary>Why it cannot be asked; <see langword="null"/> when it can.</summary>
    public static async Task<string?> WhyNotAsync()
    {
        if (!File.Exists(Python) || Repository.Find("tests/cursive-judge") is null)
        {
            return "needs /usr/bin/python3 and tests/cursive-judge";
        }

        using Process process = Process.Start(new ProcessStartInfo(Python, ["-B", "-c", "import cursive, cryptography"]) { RedirectStandardError = true })!;
        await process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return process.ExitCode == 0 ? null : "needs cursive (Debian: python3-cursive)";
    }

    /// <summary>Judges cases in one go.</summary>
    /// <returns>right, wrong, untrusted or error, and why.</returns>
    public static async Task<IReadOnlyList<(string Outcome, string Reason)>> JudgeAsync(IEnumerable<CursiveCase> cases)
    {
        CancellationToken token = TestContext.Current.CancellationToken;
        ProcessStartInfo start = new(Python, ["-B", Repository.Find("tests/cursive-judge")!]) { RedirectStandardInput = true, RedirectStandardOutput = true };
        using Process process = Process.Start(start)!;
        Task<string> answers = process.StandardOutput.ReadToEndAsync(token);
        foreach (CursiveCase one in cases)
        {
            await process.StandardInput.WriteLineAsync(JsonSerializer.Serialize(one, JsonSerializerOptions.Web).AsMemory(), token);
        }

        process.StandardInput.Close();
        return [.. (await answers).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(static line =>
        {
            using JsonDocument answer = JsonDocument.Parse(line);
            return (answer.RootElement.GetProperty("outcome").GetString()!, answer.RootElement.GetProperty("reason").GetString()!);
        })];
    }
}
