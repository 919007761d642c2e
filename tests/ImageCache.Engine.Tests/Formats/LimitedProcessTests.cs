using System.Text;
using ImageCache.Engine.Formats;
using Xunit;

namespace ImageCache.Engine.Tests.Formats;

public sealed class LimitedProcessTests : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("imagecache-process-");

    [Fact]
    public async Task ArgumentsArriveAsTheyAreAndNoShellReadsThem()
    {
        LimitedProcessResult result = await RunAsync("/usr/bin/printf", "%s|%s|%s", "$(id)", "a b", "; touch /tmp/x");

        Assert.Equal("$(id)|a b|; touch /tmp/x", result.Output);
        Assert.Equal(0, result.ExitCode);
    }

    [Fact]
    public async Task EnvironmentIsCleanAndInputClosed()
    {
        Environment.SetEnvironmentVariable("IMAGECACHE_TEST_SECRET", "planted");
        LimitedProcessResult environment = await RunAsync("/usr/bin/env");
        LimitedProcessResult input = await RunAsync("/bin/cat");

        Assert.DoesNotContain("planted", environment.Output, StringComparison.Ordinal);
        Assert.Contains("LC_ALL=C\n", environment.Output, StringComparison.Ordinal);
        Assert.Equal((0, string.Empty), (input.ExitCode, input.Output));
    }

    [Fact]
    public async Task ExitCodeAndErrorsAreTold()
    {
        LimitedProcessResult result = await RunAsync("/bin/sh", "-c", "echo out; printf 'bad\\033[2J\\nthing' >&2; exit 7");

        Assert.Equal((7, "out\n"), (result.ExitCode, result.Output));
        Assert.Equal("bad?[2J thing", result.Complaint);
        Assert.Null(result.ExceededLimit);
    }

    [Fact]
    public async Task LimitsAreInForce()
    {
        LimitedCommand command = Command("/bin/sh", "-c", "ulimit -t; ulimit -v; ulimit -f; ulimit -c") with
        {
            CpuTime = TimeSpan.FromSeconds(9),
            AddressSpace = 512 << 20,
            FileSize = 1 << 20,
        };

        LimitedProcessResult result = await LimitedProcess.RunAsync(command, TestContext.Current.CancellationToken);

        Assert.Equal(["9", "524288", "2048", "0"], result.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    [Fact]
    public async Task FileBeyondTheLimitEndsTheProgram()
    {
        string path = Path.Join(_directory.FullName, "large");
        LimitedCommand command = Command("/bin/dd", "if=/dev/zero", $"of={path}", "bs=4096", "count=100") with { FileSize = 8192 };

        LimitedProcessResult result = await LimitedProcess.RunAsync(command, TestContext.Current.CancellationToken);

        Assert.NotEqual(0, result.ExitCode);
        Assert.Contains("too large", result.ExceededLimit, StringComparison.Ordinal);
        Assert.Equal(8192, new FileInfo(path).Length);
    }

    [Fact]
    public async Task CpuTimeBeyondTheLimitEndsTheProgram()
    {
        LimitedCommand command = Command("/bin/sh", "-c", "while :; do :; done") with { CpuTime = TimeSpan.FromSeconds(1) };

        LimitedProcessResult result = await LimitedProcess.RunAsync(command, TestContext.Current.CancellationToken);

        Assert.Contains("CPU time", result.ExceededLimit, StringComparison.Ordinal);
    }

    [Fact]
    public async Task TimeByTheClockEndsTheProgramAndItsChildren()
    {
        string pids = Path.Join(_directory.FullName, "pids");
        LimitedCommand command = Command("/bin/sh", "-c", $"sleep 600 & echo $! $$ > {pids}; wait") with { Timeout = TimeSpan.FromSeconds(1) };

        LimitedProcessResult result = await LimitedProcess.RunAsync(command, TestContext.Current.CancellationToken);

        Assert.True(result.TimedOut);
        Assert.All(await PidsAsync(pids), static pid => Assert.False(IsAlive(pid)));
    }

    [Fact]
    public async Task CancellationReturnsWhenTheProgramIsGone()
    {
        string pids = Path.Join(_directory.FullName, "pids");
        using CancellationTokenSource cancel = new();
        LimitedCommand command = Command("/bin/sh", "-c", $"trap '' TERM INT; echo $$ > {pids}; echo ready; while :; do sleep 600; done") with
        {
            OnOutput = _ => cancel.Cancel(),
        };

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => LimitedProcess.RunAsync(command, cancel.Token));

        Assert.All(await PidsAsync(pids), static pid => Assert.False(IsAlive(pid)));
    }

    [Fact]
    public async Task NothingStartsWhenItIsCancelledAlready()
    {
        string path = Path.Join(_directory.FullName, "touched");

        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => LimitedProcess.RunAsync(Command("/usr/bin/touch", path), new CancellationToken(true)));

        Assert.False(File.Exists(path));
    }

    [Fact]
    public async Task ProgramHasASessionOfItsOwnSoThatCtrlCIsOurs()
    {
        LimitedProcessResult result = await RunAsync("/bin/sh", "-c", "cut -d' ' -f1,6 /proc/$$/stat");

        string[] pidAndSession = result.Output.Trim().Split(' ');
        Assert.Equal(pidAndSession[0], pidAndSession[1]);
    }

    [Fact]
    public async Task LongOutputIsCutAndTheProgramStillEnds()
    {
        LimitedCommand command = Command("/bin/sh", "-c", "head -c 5000000 /dev/zero | tr '\\0' x; echo end >&2") with { OutputLimit = 1000 };

        LimitedProcessResult result = await LimitedProcess.RunAsync(command, TestContext.Current.CancellationToken);

        Assert.Equal(0, result.ExitCode);
        Assert.True(result.IsOutputCut);
        Assert.Equal(1000, result.Output.Length);
        Assert.Equal("end\n", result.Error);
    }

    [Fact]
    public async Task OutputIsSeenAsItComes()
    {
        StringBuilder seen = new();
        LimitedCommand command = Command("/bin/sh", "-c", "printf one; printf two") with
        {
            OnOutput = data => seen.Append(Encoding.ASCII.GetString(data.Span)),
        };

        await LimitedProcess.RunAsync(command, TestContext.Current.CancellationToken);

        Assert.Equal("onetwo", seen.ToString());
    }

    [Fact]
    public async Task WhoTakesTheOutputInItsOwnTimeGetsAllOfItAfterTheProgramsEnd()
    {
        using MemoryStream taken = new();
        LimitedCommand command = Command("/bin/sh", "-c", "echo $$; exec head -c 50000 /dev/zero") with
        {
            DrainTime = TimeSpan.Zero,
            TakeOutput = async (data, token) =>
            {
                taken.Write(data.Span);
                int pid = int.Parse(Encoding.ASCII.GetString(taken.ToArray()).Split('\n')[0], System.Globalization.CultureInfo.InvariantCulture);
                while (IsAlive(pid))
                {
                    await Task.Delay(1, token);
                }

                // Time enough for the drain to be over.
                await Task.Delay(50, token);
            },
        };

        LimitedProcessResult result = await LimitedProcess.RunAsync(command, TestContext.Current.CancellationToken);

        Assert.False(result.IsOutputCut);
        Assert.InRange(taken.Length, 50_002, 50_020);
    }

    [Theory]
    [InlineData("no-such-program-here")]
    [InlineData("/no/such/program")]
    public async Task MissingProgramNamesItsPackage(string executable)
    {
        UnavailableException failure = await Assert.ThrowsAsync<UnavailableException>(
            () => LimitedProcess.RunAsync(Command(executable) with { DebianPackage = "some-package" }, TestContext.Current.CancellationToken));

        Assert.Equal(ErrorIds.ToolFailed, failure.ErrorId);
        Assert.Contains(executable, failure.Message, StringComparison.Ordinal);
        Assert.Contains("some-package", failure.NextStep, StringComparison.Ordinal);
    }

    public void Dispose() => _directory.Delete(recursive: true);

    private static Task<LimitedProcessResult> RunAsync(string executable, params string[] arguments)
        => LimitedProcess.RunAsync(Command(executable, arguments), TestContext.Current.CancellationToken);

    private static LimitedCommand Command(string executable, params string[] arguments) => new()
    {
        Executable = executable,
        Arguments = arguments,
        DebianPackage = "coreutils",
        CpuTime = TimeSpan.FromSeconds(30),
        AddressSpace = 1L << 30,
        FileSize = 1 << 20,
        Timeout = TimeSpan.FromMinutes(1),
    };

    private static async Task<int[]> PidsAsync(string path)
        => [.. (await File.ReadAllTextAsync(path)).Split([' ', '\n'], StringSplitOptions.RemoveEmptyEntries).Select(int.Parse)];

    /// <summary>A killed grandchild may be a zombie for a while, if nobody of its own waits for it.</summary>
    private static bool IsAlive(int pid)
    {
        try
        {
            string state = File.ReadAllText($"/proc/{pid}/stat");
            return state[(state.LastIndexOf(')') + 2)..][0] is not ('Z' or 'X');
        }
        catch (Exception gone) when (gone is IOException)
        {
            return false;
        }
    }
}
