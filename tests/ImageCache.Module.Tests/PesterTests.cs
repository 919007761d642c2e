using System.Diagnostics;
using Xunit;

namespace ImageCache.Module.Tests;

/// <summary>Runs each Pester file in a PowerShell of its own, on the module as it was built.</summary>
public sealed class PesterTests(ITestOutputHelper output)
{
    /// <summary>What the runner says when the machine has no Pester.</summary>
    private const int NoPester = 3;

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(10);

    public static TheoryData<string> Files
        => [.. Directory.EnumerateFiles(Repository.PesterFolder, "*.Tests.ps1").Select(file => Path.GetFileName(file)!).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Files))]
    public async Task PesterFilePasses(string file)
    {
        Assert.SkipUnless(FindPowerShell() is not null, "There is no pwsh on this machine.");
        string result = Path.Join(Path.GetTempPath(), $"imagecache-pester-{Guid.NewGuid():N}.xml");
        try
        {
            int exitCode = await RunAsync(file, result);
            Assert.SkipWhen(exitCode == NoPester, "pwsh has no Pester 5.");
            Judge(exitCode, result);
        }
        finally
        {
            File.Delete(result);
        }
    }

    private void Judge(int exitCode, string result)
    {
        Assert.True(File.Exists(result), $"There is no result; pwsh ended with {exitCode}.");
        PesterRun run = PesterRun.Read(result);
        foreach (string skip in run.Skips)
        {
            output.WriteLine($"skipped: {skip}");
        }

        Assert.True(run.Failures.Count == 0, string.Join(Environment.NewLine, run.Failures));
        Assert.True(exitCode == 0, $"pwsh ended with {exitCode}.");
        Assert.True(run.Total > 0, "The file holds no tests.");
        Assert.SkipWhen(run.Passed == 0, string.Join(Environment.NewLine, run.Skips));
    }

    private async Task<int> RunAsync(string file, string result)
    {
        ProcessStartInfo start = new(FindPowerShell()!)
        {
            RedirectStandardError = true,
            RedirectStandardOutput = true,
            RedirectStandardInput = true,
            WorkingDirectory = Repository.Root,
        };
        string[] arguments = ["-NoProfile", "-NonInteractive", "-File", Path.Join(Repository.PesterFolder, "Invoke-PesterFile.ps1"), Path.Join(Repository.PesterFolder, file), result];
        Array.ForEach(arguments, start.ArgumentList.Add);
        start.Environment["NO_COLOR"] = "1";
        start.Environment["TERM"] = "dumb";

        using CancellationTokenSource patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(Patience);
        using Process process = Process.Start(start)!;
        process.StandardInput.Close();
        try
        {
            Task<string> text = process.StandardOutput.ReadToEndAsync(patience.Token);
            Task<string> errors = process.StandardError.ReadToEndAsync(patience.Token);
            await process.WaitForExitAsync(patience.Token);
            output.WriteLine(await text + await errors);
            return process.ExitCode;
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }
    }

    private static string? FindPowerShell()
        => (Environment.GetEnvironmentVariable("PATH") ?? string.Empty)
            .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .Select(static folder => Path.Join(folder, "pwsh"))
            .FirstOrDefault(File.Exists);
}
