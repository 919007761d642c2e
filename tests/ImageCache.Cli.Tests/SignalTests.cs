using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using ImageCache.Engine.Tests.Faults;
using Xunit;

namespace ImageCache.Cli.Tests;

public sealed class SignalTests : IAsyncDisposable
{
    private const int Interrupt = 2;
    private const int Terminate = 15;

    private readonly CommandSandbox _sandbox = new();
    private readonly FakeCloud _cloud = FakeCloud.Start();

    public SignalTests()
    {
        _sandbox.AddEnvironment(_cloud.Environment());
        _sandbox.Environment["IMAGECACHE_IDLE_TIMEOUT"] = "300";
    }

    public async ValueTask DisposeAsync()
    {
        await _cloud.DisposeAsync();
        _sandbox.Dispose();
    }

    [Theory]
    [InlineData(Interrupt)]
    [InlineData(Terminate)]
    public async Task ASignalEndsAFetchCleanly(int signal)
    {
        Process fetch = await StartStalledFetchAsync();

        Send(fetch, signal);
        CommandResult result = (await CommandSandbox.EndAsync(fetch)).Ends(130);

        Assert.Empty(result.Output);
        Assert.Empty(_sandbox.BaseFiles);
        Assert.Empty(_sandbox.Leftovers);
    }

    [Fact]
    public async Task ASignalThatArrivesTwiceAtOnceIsOne()
    {
        Process fetch = await StartStalledFetchAsync();

        Send(fetch, Terminate);
        Send(fetch, Terminate);
        Send(fetch, Interrupt);

        (await CommandSandbox.EndAsync(fetch)).Ends(130);
        Assert.Empty(_sandbox.Leftovers);
    }

    [Fact]
    public async Task ASignalWhileAServiceIsSilentEndsASearch()
    {
        _cloud.Server.Always("POST", FakeCloud.TokensPath, static answer => answer with { StallBeforeHeaders = true });
        Process find = _sandbox.Start("find");
        await WaitForAsync(() => _cloud.Server.Requests.Count > 0);

        Send(find, Interrupt);

        (await CommandSandbox.EndAsync(find)).Ends(130);
    }

    [Fact]
    public async Task AReaderThatGoesAwayEndsTheListingQuietly()
    {
        for (int i = 0; i < 3000; i++)
        {
            await File.WriteAllTextAsync(Path.Join(_sandbox.CachePath, i.ToString("x40", CultureInfo.InvariantCulture)), "x", TestContext.Current.CancellationToken);
        }

        CommandResult result = (await _sandbox.ShellAsync("\"$imagecache\" list --json | head -n 1; exit ${PIPESTATUS[0]}")).Ends(0);

        Assert.Single(result.Results);
        Assert.Empty(result.Error);
    }

    [Fact]
    public async Task ResultsThatCannotBeWrittenAreAFailureWithoutAStack()
    {
        CommandResult plain = (await _sandbox.ShellAsync("\"$imagecache\" config > /dev/full")).Ends(1);
        CommandResult verbose = (await _sandbox.ShellAsync("\"$imagecache\" config --verbose > /dev/full")).Ends(1);

        Assert.Contains("[InternalError]", plain.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", plain.Error, StringComparison.Ordinal);
        Assert.Contains("   at ", verbose.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task OutputSharedWithOtherWritersStaysInOrder()
    {
        CommandResult result = (await _sandbox.ShellAsync("(echo before; \"$imagecache\" --version; \"$imagecache\" config; echo after) > out; cat out")).Ends(0);

        string[] lines = result.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(("before", "after"), (lines[0], lines[^1]));
        Assert.StartsWith("SETTING", lines[2], StringComparison.Ordinal);
    }

    [Fact]
    public async Task ATerminalSeesABarAndAPipeSeesNone()
    {
        Assert.SkipUnless(File.Exists("/usr/bin/script"), "there is no script(1) to make a terminal");
        FakeImage image = _cloud.Add(new FakeImage { Name = "slow", Data = RandomNumberGenerator.GetBytes(400_000) });
        _cloud.Server.Always("GET", FakeCloud.DataPath(image.Id), static answer => answer with { DripSize = 20_000, DripPause = TimeSpan.FromMilliseconds(60) });
        _sandbox.Environment["TERM"] = "xterm";

        CommandResult pipe = (await _sandbox.RunAsync("fetch", "slow")).Ends(0);
        CommandResult terminal = (await _sandbox.ShellAsync("script -qec '\"$imagecache\" fetch slow --force' /dev/null < /dev/null")).Ends(0);

        Assert.Empty(pipe.Error);
        Assert.Contains("slow: transferring", terminal.Output, StringComparison.Ordinal);
    }

    private async Task<Process> StartStalledFetchAsync()
    {
        FakeImage image = _cloud.Add(new FakeImage { Name = "stalled", Data = RandomNumberGenerator.GetBytes(1_000_000) });
        _cloud.Server.Always("GET", FakeCloud.DataPath(image.Id), static answer => answer with { StallAfter = 500_000 });
        Process fetch = _sandbox.Start("fetch", "stalled");
        await WaitForAsync(() => _cloud.Server.BodyBytesSent > 500_000 && _sandbox.Leftovers.Any());
        return fetch;
    }

    private static async Task WaitForAsync(Func<bool> condition)
    {
        using CancellationTokenSource patience = new(TimeSpan.FromMinutes(1));
        while (!condition())
        {
            await Task.Delay(10, patience.Token);
        }
    }

    private static void Send(Process process, int signal) => Assert.Equal(0, Kill(process.Id, signal));

    [DllImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static extern int Kill(int process, int signal);
}
