using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using ImageCache.Engine.Formats;
using ImageCache.Engine.Handlers;
using ImageCache.Engine.Native.Posix;
using ImageCache.Engine.OpenStack;

namespace ImageCache.Engine.Ceph;

/// <summary>The commands of ceph-common, for nodes without a usable librbd. <c>rbd</c> ends with the errno as exit code.</summary>
internal sealed partial class RbdCommand(CephNode node)
{
    private const string Package = "ceph-common";
    private const long AddressSpace = 64L << 30;
    private static readonly TimeSpan s_longest = TimeSpan.FromDays(1);

    /// <summary>The id of the cluster that the ceph.conf leads to.</summary>
    /// <exception cref="UnavailableException">It does not answer, or does not let us in.</exception>
    public async Task<string> FsidAsync(CancellationToken cancellationToken)
    {
        TimeSpan limit = CephConnection.Limit(node.ConnectTimeout);
        LimitedCommand command = Command("ceph", ["--connect-timeout", CephNode.Seconds(node.ConnectTimeout), "fsid"], limit);
        LimitedProcessResult result = await LimitedProcess.RunAsync(command, cancellationToken).ConfigureAwait(false);
        return FailureOfCeph(result) is { } failure ? throw CephFailure.OfConnecting(node, failure) : result.Output.Trim();
    }

    /// <summary>Looks for a snapshot.</summary>
    /// <exception cref="NotFoundException">There is none.</exception>
    /// <exception cref="UnavailableException">Its image cannot be opened.</exception>
    public async Task<SnapshotFacts> FindAsync(RbdLocation location, CancellationToken cancellationToken)
    {
        LimitedCommand command = Command("rbd", ["snap", "ls", "--format", "json", .. Image(location)], CephConnection.Limit(node.IdleTimeout));
        LimitedProcessResult result = await LimitedProcess.RunAsync(command, cancellationToken).ConfigureAwait(false);
        if (Failure(result) is { } failure)
        {
            throw CephFailure.OfOpening(node, $"RBD image '{location.Pool}/{location.Image}'", failure);
        }

        try
        {
            using JsonDocument answer = JsonDocument.Parse(result.Output);
            JsonElement snapshot = answer.RootElement.EnumerateArray().FirstOrDefault(one => JsonRead.Text(one, "name") == location.Snapshot);
            return snapshot.ValueKind == JsonValueKind.Undefined
                ? throw CephFailure.OfOpening(node, $"snapshot '{location}'", new IOException("it is not listed", PosixError.ENOENT))
                : new SnapshotFacts(snapshot.GetProperty("id").GetUInt64(), checked((long)snapshot.GetProperty("size").GetUInt64()));
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException or FormatException or OverflowException)
        {
            throw new UnavailableException(ErrorIds.ToolFailed, $"The answer of 'rbd snap ls' cannot be read: {e.Message}", cause: e);
        }
    }

    /// <summary>Reads a snapshot from its beginning to its end.</summary>
    /// <exception cref="IOException">It failed; the HResult is the errno.</exception>
    public async Task ExportAsync(RbdLocation location, Func<ReadOnlyMemory<byte>, CancellationToken, ValueTask> take, CancellationToken cancellationToken)
    {
        LimitedCommand command = Command("rbd", ["export", "--no-progress", .. Image(location), $"--snap={location.Snapshot}", "--path", "-"], s_longest) with { TakeOutput = take };
        LimitedProcessResult result = await LimitedProcess.RunAsync(command, cancellationToken).ConfigureAwait(false);
        if (Failure(result) is { } failure)
        {
            throw failure;
        }
    }

    private LimitedCommand Command(string executable, IReadOnlyList<string> arguments, TimeSpan limit) => new()
    {
        Executable = executable,
        Arguments =
        [
            "--conf", node.ConfigurationPath(), "--name", node.User,
            $"--client_mount_timeout={CephNode.Seconds(node.ConnectTimeout)}", $"--rados_osd_op_timeout={CephNode.Seconds(node.IdleTimeout)}",
            "--log_file=", "--admin_socket=", .. arguments,
        ],
        DebianPackage = Package,
        CpuTime = s_longest,
        AddressSpace = AddressSpace,
        FileSize = 1 << 20,
        Timeout = limit,
    };

    // Names are values of options, so that none of them can be taken for an option or for a path.
    private static string[] Image(RbdLocation location) => [$"--pool={location.Pool}", $"--image={location.Image}"];

    private static Exception? Failure(LimitedProcessResult result)
        => result.TimedOut ? new TimeoutException("it took too long")
            : result.ExitCode != 0 ? new IOException(result.Complaint, result.ExitCode)
            : null;

    // Not as rbd does, ceph ends mostly with 1, whatever failed; its words tell more.
    private static Exception? FailureOfCeph(LimitedProcessResult result)
        => Failure(result) switch
        {
            IOException { HResult: 1 } when result.Error.Contains("timed out", StringComparison.Ordinal) => new TimeoutException(result.Complaint),
            IOException { HResult: 1 } when ErrorNumber().Match(result.Error) is { Success: true } match => new IOException(
                result.Complaint, int.Parse(match.Groups[1].ValueSpan, CultureInfo.InvariantCulture)),
            var failure => failure,
        };

    [GeneratedRegex(@"\[errno ([0-9]{1,4})\]")]
    private static partial Regex ErrorNumber();
}
