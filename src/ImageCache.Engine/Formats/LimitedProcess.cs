using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;

namespace ImageCache.Engine.Formats;

/// <summary>
/// Runs a program under resource limits, with a clean environment, no input and a session of its own. It never outlives us: a
/// cancellation or the end of its time kills it and waits until it is gone, and the kernel kills it when we die.
/// </summary>
/// <remarks>
/// The limits are set by util-linux' <c>setsid</c> (Ctrl-C of the terminal stays ours), <c>setpriv</c> and <c>prlimit</c>, each of
/// which becomes the next, so that the child we hold is the program itself. A parent-death signal comes when the thread that made
/// the child ends, not the process: so a thread of its own makes the child and waits for it.
/// </remarks>
internal static class LimitedProcess
{
    private const string UtilLinux = "util-linux";
    private const string Unlimited = "unlimited";

    /// <summary>Runs a program to its end.</summary>
    /// <exception cref="UnavailableException">The program, or one of the three that limit it, is not installed.</exception>
    /// <exception cref="OperationCanceledException">Cancelled; the program is gone.</exception>
    public static async Task<LimitedProcessResult> RunAsync(LimitedCommand command, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        using Process process = new() { StartInfo = Prepare(command) };
        Task exited = await StartOnThreadAsync(process).ConfigureAwait(false);
        Task feeding = FeedAsync(process, command.Input, cancellationToken);
        using CancellationTokenSource clock = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using CancellationTokenSource drain = new();
        BoundedOutput output = new(command.OutputLimit, command.OnOutput) { Take = command.TakeOutput };
        BoundedOutput error = new(command.OutputLimit, null);

        // One who takes the output may be far behind when the program ends, and gets the rest in its own time.
        Task reading = Task.WhenAll(
            output.ReadAsync(process.StandardOutput.BaseStream, command.TakeOutput is null ? drain.Token : cancellationToken),
            error.ReadAsync(process.StandardError.BaseStream, drain.Token));
        clock.CancelAfter(command.Timeout);
        bool killed = await WaitOrKillAsync(process, exited, clock.Token).ConfigureAwait(false);

        // Only a stray heir of the pipes can still hold them open.
        drain.CancelAfter(command.DrainTime);
        await reading.ConfigureAwait(false);
        await feeding.ConfigureAwait(false);
        cancellationToken.ThrowIfCancellationRequested();
        return new LimitedProcessResult(process.ExitCode, output.Text, error.Text, output.IsCut, killed);
    }

    private static ProcessStartInfo Prepare(LimitedCommand command)
    {
        string target = ExecutableSearch.Find(command.Executable, command.DebianPackage);
        ProcessStartInfo start = new(ExecutableSearch.Find("setsid", UtilLinux))
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = "/",
        };
        string[] limits =
        [
            ExecutableSearch.Find("setpriv", UtilLinux), "--pdeathsig", "KILL", "--",
            ExecutableSearch.Find("prlimit", UtilLinux),
            "--cpu=" + Seconds(command.CpuTime), "--as=" + Bytes(command.AddressSpace), "--fsize=" + Bytes(command.FileSize), "--core=0", "--",
            target,
        ];
        foreach (string argument in limits.Concat(command.Arguments))
        {
            start.ArgumentList.Add(argument);
        }

        // One arena for all threads: each further one reserves 64 MiB and more of the address space.
        start.Environment.Clear();
        start.Environment["PATH"] = "/usr/sbin:/usr/bin:/sbin:/bin";
        start.Environment["LC_ALL"] = "C";
        start.Environment["LANG"] = "C";
        start.Environment["MALLOC_ARENA_MAX"] = "1";
        return start;
    }

    private static string Seconds(TimeSpan time)
    {
        long seconds = Math.Max(1, (long)Math.Ceiling(time.TotalSeconds));
        return time == TimeSpan.MaxValue ? Unlimited : string.Create(CultureInfo.InvariantCulture, $"{seconds}:{seconds + 5}");
    }

    private static string Bytes(long count) => count == long.MaxValue ? Unlimited : count.ToString(CultureInfo.InvariantCulture);

    /// <summary>Gives it its input; it may end without having read all.</summary>
    private static async Task FeedAsync(Process process, ReadOnlyMemory<byte> input, CancellationToken cancellationToken)
    {
        try
        {
            await process.StandardInput.BaseStream.WriteAsync(input, cancellationToken).ConfigureAwait(false);
            process.StandardInput.Close();
        }
        catch (Exception error) when (error is IOException or OperationCanceledException)
        {
            // It is gone, or will be.
        }
    }

    /// <summary>Starts the process on a thread that lives as long; the result ends when the process does.</summary>
    private static async Task<Task> StartOnThreadAsync(Process process)
    {
        TaskCompletionSource started = new(TaskCreationOptions.RunContinuationsAsynchronously);
        TaskCompletionSource exited = new(TaskCreationOptions.RunContinuationsAsynchronously);
        Thread keeper = new(() => Keep(process, started, exited)) { IsBackground = true, Name = "child process" };
        keeper.Start();
        await started.Task.ConfigureAwait(false);
        return exited.Task;
    }

    private static void Keep(Process process, TaskCompletionSource started, TaskCompletionSource exited)
    {
        try
        {
            process.Start();
        }
        catch (Exception failure) when (failure is Win32Exception or InvalidOperationException or IOException)
        {
            started.SetException(new UnavailableException(
                ErrorIds.ToolFailed, $"The program '{process.StartInfo.FileName}' cannot be started: {failure.Message}", cause: failure,
                category: FailureCategory.ResourceUnavailable));
            return;
        }

        started.SetResult();
        process.WaitForExit();
        exited.SetResult();
    }

    /// <summary>Waits for the end; kills when the token says so, and waits then, too.</summary>
    /// <returns>Whether it was killed.</returns>
    private static async Task<bool> WaitOrKillAsync(Process process, Task exited, CancellationToken cancellationToken)
    {
        try
        {
            await exited.WaitAsync(cancellationToken).ConfigureAwait(false);
            return false;
        }
        catch (OperationCanceledException)
        {
            bool killed = !process.HasExited;
            process.Kill(entireProcessTree: true);
            await exited.ConfigureAwait(false);
            return killed;
        }
    }
}
