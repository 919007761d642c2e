using System.Diagnostics;
using Xunit;

namespace ImageCache.Cli.Tests;

/// <summary>
/// The lab's scenarios: the command line as operators use it, against real services. They stop services, so nothing else runs beside them.
/// </summary>
[CollectionDefinition(nameof(ScenarioTests), DisableParallelization = true)]
[Collection(nameof(ScenarioTests))]
public sealed class ScenarioTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task ImagesComeAreUsedAreKeptWithoutServicesAndLeave()
    {
        (int up, _) = await LabAsync("env");
        Assert.SkipUnless(up == 0, "no lab: 'tests/lab/lab env' says that it is not up");
        Assert.SkipUnless(System.Environment.IsPrivilegedProcess, "the lab's services are root's to stop");

        (int code, string told) = await LabAsync("scenario", "life");

        Assert.True(code == 0, $"it ended with {code}:\n{told}");
        Assert.Contains("-> in the cache: web gold", told, StringComparison.Ordinal);
    }

    private static async Task<(int Code, string Told)> LabAsync(params string[] arguments)
    {
        ProcessStartInfo start = new("/bin/bash", ["-c", "exec \"$0\" \"$@\" 2>&1", Path.Join(CommandSandbox.Repository, "tests/lab/lab"), .. arguments]) { RedirectStandardOutput = true };
        start.Environment["IMAGECACHE_CLI"] = CommandSandbox.Command;
        start.Environment["IMAGECACHE_TOKEN_CACHE_TIME"] = "0";
        using Process process = Process.Start(start)!;
        string told = await process.StandardOutput.ReadToEndAsync(Token);
        await process.WaitForExitAsync(Token);
        return (process.ExitCode, told);
    }
}
