using System.Diagnostics;
using Xunit;

namespace ImageCache.Engine.Tests.Life.Usage;

/// <summary>A scan by a process of its own, as a user who may not see everything.</summary>
internal static class ScanProbe
{
    private static readonly string[] s_asNobody = ["--reuid=65534", "--regid=65534", "--clear-groups"];

    /// <summary>Scans once.</summary>
    /// <returns>What it said, a line for each finding.</returns>
    public static async Task<string> RunAsNobodyAsync(string cachePath)
    {
        string host = Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet";
        string probe = Path.Join(AppContext.BaseDirectory, "ImageCache.Engine.Probe.dll");
        (int exitCode, _) = await RunAsync([.. s_asNobody, "test", "-r", probe]);
        Assert.SkipUnless(exitCode == 0 && (await RunAsync([.. s_asNobody, host, "--list-runtimes"])).ExitCode == 0, "nobody cannot run the probe here");
        (exitCode, string output) = await RunAsync([.. s_asNobody, host, "exec", probe, cachePath, "--scans=1"]);
        Assert.Equal(0, exitCode);
        return output;
    }

    private static async Task<(int ExitCode, string Output)> RunAsync(string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo("/usr/bin/setpriv", arguments) { RedirectStandardOutput = true })!;
        string output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (process.ExitCode, output);
    }
}
