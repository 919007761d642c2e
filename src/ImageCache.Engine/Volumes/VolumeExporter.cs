using System.Diagnostics;
using ImageCache.Engine.Ceph;
using ImageCache.Engine.Diagnostics;
using ImageCache.Engine.Formats;
using ImageCache.Engine.Native.Posix;
using Microsoft.Win32.SafeHandles;

namespace ImageCache.Engine.Volumes;

/// <summary>
/// Shows a connected volume as a file of exact size, read-only, in user space: qemu-storage-daemon's FUSE export. For volumes that have
/// no device (rbd without the kernel's driver) and for those that are larger than the image in them. The serving process outlives ours
/// and is found again; one export has one directory, and one caller at a time.
/// </summary>
internal sealed class VolumeExporter(VolumeNode node) : IVolumeViews
{
    private const string FuseDevice = "/dev/fuse";
    private const string FuseUnmount = "fusermount3";
    private const int SectorLength = 512;
    private static readonly TimeSpan s_look = TimeSpan.FromMilliseconds(20);

    /// <summary>How long a process that is asked to end may take before it is killed.</summary>
    public TimeSpan Grace { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long a view may take to tell its size: one whose storage is silent never does.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>What showing a volume as a file needs of a node.</summary>
    public static IReadOnlyList<NodeNeed> Needs { get; } =
    [
        new("fuse", "The kernel lets programs show files (FUSE).", static () => NeedAnswer.Unless(
            File.Exists(FuseDevice) ? null : $"there is no {FuseDevice}",
            "Load the kernel module fuse, or give the container the device.")),
        new("qemu-storage-daemon", "The program that shows a volume as a file is installed.", static () => Installed(
            ExportCommand.Executable, $"Install it: on Debian and Ubuntu, apt-get install {ExportCommand.Package} qemu-block-extra.")),
        new("fusermount3", "Users who are not root may mount.", static () => Environment.IsPrivilegedProcess
            ? NeedAnswer.Pass("not needed by root")
            : Installed(FuseUnmount, "Install it: on Debian and Ubuntu, apt-get install fuse3.")),
        new("user_allow_other", "Others may read what a user who is not root shows.", static () => Environment.IsPrivilegedProcess
            ? NeedAnswer.Pass("not needed by root")
            : NeedAnswer.Unless(
                FuseConfiguration.LetsUsersShare(FuseConfiguration.Path) ? null : $"{FuseConfiguration.Path} has no line '{FuseConfiguration.UserAllowOther}': no instance could read the view",
                $"Add the line '{FuseConfiguration.UserAllowOther}' to {FuseConfiguration.Path}.")),
    ];

    /// <summary>Says what this node lacks; empty when nothing.</summary>
    public static IReadOnlyList<string> Missing() => Shortfall.OfNode(Needs).Reasons;

    /// <summary>Begins an export, or finds that it runs already, and returns when the view can be read.</summary>
    /// <exception cref="UnavailableException">Something that is needed is missing, or the export did not begin; nothing is left of it.</exception>
    public async Task<VolumeExport> StartAsync(VolumeExportRequest request, CancellationToken cancellationToken)
    {
        if (Shortfall.OfNode(Needs) is { IsNone: false } missing)
        {
            throw new UnavailableException(
                ErrorIds.MethodUnavailable,
                $"Volume '{request.Volume.VolumeId}' cannot be shown as a file: {missing.Reason}.",
                nextStep: $"{missing.NextStep} Or fetch the image by another method.",
                category: FailureCategory.ResourceUnavailable);
        }

        long? size = request.Size is { } bytes ? WholeSectors(bytes) : null;
        ExportFiles files = new(request.Directory);
        if (await FindSameAsync(files, request.Volume, size, cancellationToken).ConfigureAwait(false) is { } running)
        {
            return running;
        }

        await StopAsync(files.Directory, cancellationToken).ConfigureAwait(false);
        bool begun = false;
        try
        {
            files.Prepare(request.Volume, node.KeyringDirectory);
            VolumeExport export = await BeginAsync(files, request.Volume, size, cancellationToken).ConfigureAwait(false);
            begun = true;
            return export;
        }
        catch (IOException error)
        {
            throw Failed(request.Volume.VolumeId, error.Message.TrimEnd('.'), FailureCategory.ResourceUnavailable, error);
        }
        finally
        {
            if (!begun)
            {
                await StopAsync(files.Directory, CancellationToken.None).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Finds the export of a directory that runs and can be read.</summary>
    public async Task<VolumeExport?> FindAsync(string directory, CancellationToken cancellationToken)
    {
        ExportFiles files = new(directory);
        return ExportProcess.FindAll(files.PidPath) is [{ } process] && await SizeOfAsync(files.View, cancellationToken).ConfigureAwait(false) is { } size
            ? Describe(files, process, size)
            : null;
    }

    /// <summary>Whether an export is still the one that was recorded, and can be read.</summary>
    public async Task<bool> IsRunningAsync(VolumeExport export, CancellationToken cancellationToken)
        => export.BootId == ExportProcess.BootId()
            && ExportProcess.TryGet(export.ProcessId, new ExportFiles(export.Directory).PidPath, out ExportProcess? process)
            && process.StartTime == export.StartTime
            && await SizeOfAsync(export.Path, cancellationToken).ConfigureAwait(false) == export.Size;

    /// <summary>Ends the export of a directory, if there is one, and takes the directory away. May be repeated, also after a kill.</summary>
    /// <exception cref="UnavailableException">The process, the mount or a file stays.</exception>
    public async Task StopAsync(string directory, CancellationToken cancellationToken)
    {
        ExportFiles files = new(directory);
        try
        {
            foreach (ExportProcess process in ExportProcess.FindAll(files.PidPath))
            {
                await EndAsync(process, files.PidPath, cancellationToken).ConfigureAwait(false);
            }

            await ReleaseMountAsync(files.View, cancellationToken).ConfigureAwait(false);
            files.Remove();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new UnavailableException(
                ErrorIds.VolumeConnectionFailed,
                $"The export in '{files.Directory}' could not be ended: {error.Message.TrimEnd('.')}.",
                nextStep: "Run this as the user who began it, or as root.",
                cause: error,
                category: FailureCategory.ResourceUnavailable);
        }
    }

    private async Task<VolumeExport> BeginAsync(ExportFiles files, ConnectedVolume volume, long? size, CancellationToken cancellationToken)
    {
        using Process process = Launch(files, ExportCommand.Arguments(files, volume, size));
        try
        {
            return await AwaitAsync(process, files, volume, size, cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            await EndLaunchedAsync(process, files.PidPath).ConfigureAwait(false);
            throw;
        }
    }

    // While it becomes another program a process has no command line by which it could be found: the one that was launched is ended by its number.
    private async Task EndLaunchedAsync(Process process, string pidPath)
    {
        if (ExportProcess.TryGet(process.Id, pidPath, out ExportProcess? found))
        {
            await EndAsync(found, pidPath, CancellationToken.None).ConfigureAwait(false);
        }

        if (!process.HasExited)
        {
            process.Kill();
        }

        await process.WaitForExitAsync(CancellationToken.None).ConfigureAwait(false);
    }

    private async Task<VolumeExport> AwaitAsync(Process process, ExportFiles files, ConnectedVolume volume, long? size, CancellationToken cancellationToken)
    {
        long start = Stopwatch.GetTimestamp();
        while (!File.Exists(files.PidPath))
        {
            if (process.HasExited)
            {
                throw DidNotBegin(volume, files);
            }

            if (Stopwatch.GetElapsedTime(start) > node.Timeout)
            {
                throw Failed(volume.VolumeId, $"'{ExportCommand.Executable}' was not ready within {node.Timeout.TotalSeconds:0} s", FailureCategory.OperationTimeout, null);
            }

            await Task.Delay(s_look, cancellationToken).ConfigureAwait(false);
        }

        if (!ExportProcess.TryGet(process.Id, files.PidPath, out ExportProcess? found)
            || await SizeOfAsync(files.View, cancellationToken).ConfigureAwait(false) is not { } shown)
        {
            throw DidNotBegin(volume, files);
        }

        if (size is not null && shown != size)
        {
            throw Failed(volume.VolumeId, $"the view has {shown} bytes instead of {size}", FailureCategory.ResourceUnavailable, null);
        }

        MakeReadable(files.View);
        return Describe(files, found, shown);
    }

    // The shell gives it the log and becomes it; setsid takes it out of the terminal's reach. Instances read from it long after who began it
    // in the background has ended, so it does not go at that one's priorities; who may not raise them keeps them.
    private static Process Launch(ExportFiles files, IReadOnlyList<string> arguments)
    {
        ProcessStartInfo start = new(ExecutableSearch.Find("setsid", "util-linux")) { UseShellExecute = false, WorkingDirectory = "/" };
        string[] shell = ["/bin/sh", "-c", "log=$1; shift; { renice -n 0 -p $$; ionice -c 0 -p $$; } >/dev/null 2>&1; exec \"$@\" </dev/null >>\"$log\" 2>&1", "sh", files.LogPath];
        foreach (string argument in shell.Append(ExecutableSearch.Find(ExportCommand.Executable, ExportCommand.Package)).Concat(arguments))
        {
            start.ArgumentList.Add(argument);
        }

        start.Environment.Clear();
        start.Environment["PATH"] = "/usr/sbin:/usr/bin:/sbin:/bin";
        start.Environment["LC_ALL"] = "C";
        return Process.Start(start)!;
    }

    private static VolumeExport Describe(ExportFiles files, ExportProcess process, long size) => new()
    {
        Directory = files.Directory,
        Path = files.View,
        Size = size,
        ProcessId = process.ProcessId,
        StartTime = process.StartTime,
        BootId = ExportProcess.BootId(),
        LogPath = files.LogPath,
    };

    // Instances run as another user. Without allow-other, which a user other than root may lack, nobody else can read anyway.
    private static void MakeReadable(string view)
    {
        try
        {
            File.SetUnixFileMode(view, UnixFileMode.UserRead | UnixFileMode.GroupRead | UnixFileMode.OtherRead);
        }
        catch (Exception error) when (!Environment.IsPrivilegedProcess && error is IOException or UnauthorizedAccessException)
        {
            // As root it must work.
        }
    }

    private async Task EndAsync(ExportProcess process, string pidPath, CancellationToken cancellationToken)
    {
        using SafeFileHandle? handle = ProcessHandle.TryOpen(process.ProcessId);
        bool isStill(out ExportProcess? now) => ExportProcess.TryGet(process.ProcessId, pidPath, out now) && now == process;

        // The handle was taken after the look: only a second look proves that it is the process's.
        if (handle is null || !isStill(out _))
        {
            return;
        }

        ProcessHandle.Send(handle, ProcessHandle.Terminate);
        long start = Stopwatch.GetTimestamp();
        bool killed = false;
        while (isStill(out _))
        {
            TimeSpan waited = Stopwatch.GetElapsedTime(start);
            if (waited > Grace && !killed)
            {
                ProcessHandle.Send(handle, ProcessHandle.Kill);
                killed = true;
            }

            if (waited > 2 * Grace)
            {
                throw new IOException($"process {process.ProcessId} cannot be killed");
            }

            await Task.Delay(s_look, cancellationToken).ConfigureAwait(false);
        }
    }

    // A process that was killed leaves its mount, which nobody serves.
    private async Task ReleaseMountAsync(string view, CancellationToken cancellationToken)
    {
        if (Environment.IsPrivilegedProcess)
        {
            while (Unmount.Lazily(view))
            {
                // Several may lie upon each other.
            }

            return;
        }

        if (IsMounted(view) && ExecutableSearch.TryFind(FuseUnmount) is { } program)
        {
            LimitedCommand command = new()
            {
                Executable = program,
                Arguments = ["-u", "-z", "--", view],
                DebianPackage = "fuse3",
                CpuTime = TimeSpan.MaxValue,
                AddressSpace = long.MaxValue,
                FileSize = long.MaxValue,
                Timeout = Grace,
            };
            await LimitedProcess.RunAsync(command, cancellationToken).ConfigureAwait(false);
        }
    }

    private static bool IsMounted(string path)
    {
        string escaped = path.Replace("\\", "\\134", StringComparison.Ordinal).Replace(" ", "\\040", StringComparison.Ordinal);
        return File.ReadLines("/proc/self/mounts").Any(line => line.Split(' ') is [_, { } point, ..] && point == escaped);
    }

    // A view whose process is dead cannot be looked at, and one whose process hangs keeps the one who looks; the empty file below it is
    // no view.
    private async Task<long?> SizeOfAsync(string view, CancellationToken cancellationToken)
    {
        try
        {
            return IsMounted(view)
                ? await AbandonableCall.RunAsync(() => new FileInfo(view).Length, Patience, null, cancellationToken).ConfigureAwait(false)
                : null;
        }
        catch (Exception error) when (error is IOException or TimeoutException)
        {
            return null;
        }
    }

    // The same arguments mean the same volume: a directory may have been another one's.
    private async Task<VolumeExport?> FindSameAsync(ExportFiles files, ConnectedVolume volume, long? size, CancellationToken cancellationToken)
        => ExportProcess.FindAll(files.PidPath) is [{ } process] && process.HasArguments(ExportCommand.Arguments(files, volume, size))
            ? await FindAsync(files.Directory, cancellationToken).ConfigureAwait(false)
            : null;

    private static UnavailableException DidNotBegin(ConnectedVolume volume, ExportFiles files)
    {
        string complaint = files.Complaint();
        string hint = complaint.Contains("Unknown driver", StringComparison.Ordinal) || complaint.Contains("does not accept value", StringComparison.Ordinal)
            ? " (apt-get install qemu-block-extra)"
            : string.Empty;
        return Failed(volume.VolumeId, $"'{ExportCommand.Executable}' ended at once: {(complaint.Length > 0 ? complaint : "no reason given")}{hint}", FailureCategory.ResourceUnavailable, null);
    }

    private static UnavailableException Failed(string volumeId, string reason, FailureCategory category, Exception? cause) => new(
        ErrorIds.VolumeConnectionFailed,
        $"Volume '{volumeId}' could not be shown as a file: {reason}.",
        nextStep: "Check that this node reaches the storage, or fetch the image by another method.",
        cause: cause,
        category: category);

    private static long WholeSectors(long bytes) => checked(bytes + SectorLength - 1) / SectorLength * SectorLength;

    private static NeedAnswer Installed(string program, string nextStep)
        => ExecutableSearch.TryFind(program) is { } path ? NeedAnswer.Pass(path) : NeedAnswer.Fail($"the program '{program}' is not installed", nextStep);
}
