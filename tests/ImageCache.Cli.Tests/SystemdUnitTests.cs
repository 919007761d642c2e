using System.Diagnostics;
using Xunit;

namespace ImageCache.Cli.Tests;

/// <summary>The units that ship with the module: systemd understands them, and they call verbs that there are.</summary>
public sealed class SystemdUnitTests : IDisposable
{
    private const string Installed = "/usr/bin/imagecache";
    private readonly CommandSandbox _sandbox = new();

    private static string Units => Path.GetFullPath(Path.Join(CommandSandbox.Repository, "module/systemd"));

    public void Dispose() => _sandbox.Dispose();

    [Fact]
    public async Task SystemdFindsNothingWrong()
    {
        const string Analyze = "/usr/bin/systemd-analyze";
        Assert.SkipUnless(File.Exists(Analyze), "needs systemd-analyze (Debian: systemd)");
        Directory.CreateDirectory(_sandbox.PathOf("units"));
        List<string> copies = [];
        foreach (string unit in Directory.EnumerateFiles(Units))
        {
            string copy = _sandbox.PathOf("units/" + Path.GetFileName(unit));
            string text = await File.ReadAllTextAsync(unit, TestContext.Current.CancellationToken);
            await File.WriteAllTextAsync(copy, text.Replace(Installed, CommandSandbox.Command, StringComparison.Ordinal), TestContext.Current.CancellationToken);
            copies.Add(copy);
        }

        Assert.NotEmpty(copies);
        using Process process = Process.Start(new ProcessStartInfo(Analyze, ["verify", "--man=no", .. copies]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        string error = await process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);

        // What the machine's own units lack is not ours to tell.
        string[] ours = [.. error.Split('\n').Where(static line => line.Contains("imagecache", StringComparison.Ordinal))];
        Assert.True(process.ExitCode == 0 && ours.Length == 0, error);
    }

    [Fact]
    public void ViewsOutliveTheCommandThatBeganThem()
    {
        string[] services = [.. Directory.EnumerateFiles(Units, "*.service")];
        Assert.NotEmpty(services);
        Assert.All(services, static service =>
        {
            string[] lines = File.ReadAllLines(service);
            Assert.Contains("KillMode=process", lines);
            Assert.DoesNotContain(lines, static line => line.StartsWith("Protect", StringComparison.Ordinal) || line.StartsWith("PrivateTmp", StringComparison.Ordinal) || line.StartsWith("PrivateDevices", StringComparison.Ordinal));
        });
        string[] init = File.ReadAllLines(Path.Join(Units, "imagecache-init.service"));
        Assert.Contains("RemainAfterExit=yes", init);
        Assert.Contains(init, static line => line.StartsWith("Before=", StringComparison.Ordinal) && line.Contains("nova-compute.service", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("imagecache-init.service")]
    [InlineData("imagecache-maintain.service")]
    public async Task TheCommandOfAUnitIsOneThatThereIs(string unit)
    {
        string line = Assert.Single(File.ReadAllLines(Path.Join(Units, unit)), static line => line.StartsWith($"ExecStart={Installed} ", StringComparison.Ordinal));
        string[] arguments = line[(line.IndexOf(' ', StringComparison.Ordinal) + 1)..].Split(' ');

        (await _sandbox.RunAsync([.. arguments, "--help"])).Ends(0);
    }
}
