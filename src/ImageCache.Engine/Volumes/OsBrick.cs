using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using ImageCache.Engine.Formats;
using ImageCache.Engine.OpenStack;
using ImageCache.Engine.OpenStack.Volumes;

namespace ImageCache.Engine.Volumes;

/// <summary>
/// Connects volumes by os-brick, which every compute node has: one short-lived process of the system's Python for each request, whose
/// program is our resource <c>os_brick_bridge.py</c>. What a connection holds goes over its standard input only.
/// </summary>
internal sealed class OsBrick(VolumeNode node) : IVolumeConnector
{
    private const int Protocol = 1;
    private const int LargestAnswer = 256 << 10;
    private const string Resource = "os_brick_bridge.py";

    private static readonly Lazy<string> s_program = new(ReadProgram);

    /// <summary>The node as Cinder is told of it.</summary>
    public VolumeNode Node { get; } = node;

    /// <summary>Finds os-brick.</summary>
    /// <returns>Its version; <see langword="null"/> when it does not tell.</returns>
    /// <exception cref="UnavailableException">It is not installed.</exception>
    public async Task<string?> FindVersionAsync(CancellationToken cancellationToken)
    {
        using JsonDocument answer = await AskAsync("version", new JsonObject(), null, cancellationToken).ConfigureAwait(false);
        return JsonRead.Text(answer.RootElement, "os_brick");
    }

    /// <summary>What Cinder has to know of this node: initiators, addresses, multipath.</summary>
    /// <exception cref="UnavailableException">os-brick is not installed, or failed.</exception>
    public async Task<JsonObject> DescribeNodeAsync(CancellationToken cancellationToken)
    {
        using JsonDocument answer = await AskAsync("connector", new JsonObject(), null, cancellationToken).ConfigureAwait(false);
        return JsonNode.Parse(JsonRead.Member(answer.RootElement, "result").GetRawText()) as JsonObject ?? throw Senseless("describe this node");
    }

    /// <summary>
    /// Connects this node, for reading only. May be repeated; after a failure, a cancellation or a kill,
    /// <see cref="DisconnectAsync"/> without a device takes back what was begun.
    /// </summary>
    /// <exception cref="UnavailableException">os-brick is not installed, does not know the protocol, or failed.</exception>
    /// <exception cref="PolicyException">The volume is encrypted.</exception>
    public async Task<ConnectedVolume> ConnectAsync(string volumeId, ConnectionInfo connection, CancellationToken cancellationToken)
    {
        if (connection.IsEncrypted)
        {
            throw new PolicyException(
                ErrorIds.MethodUnavailable, $"Volume '{volumeId}' is encrypted: its device holds ciphertext, not the image.", nextStep: "Fetch the image by another method.");
        }

        using JsonDocument answer = await AskAsync("connect", Connection(volumeId, connection, null), volumeId, cancellationToken).ConfigureAwait(false);
        return ConnectedVolumeReader.Read(volumeId, JsonRead.Member(answer.RootElement, "result")) ?? throw Senseless($"connect volume '{volumeId}'");
    }

    /// <summary>Lets a volume go. May be repeated, and does no harm where nothing is connected.</summary>
    /// <param name="volumeId">The volume.</param>
    /// <param name="connection">How it was connected.</param>
    /// <param name="volume">What it is here; <see langword="null"/> when that is not known.</param>
    /// <param name="force">Whether data that cannot be flushed may be lost; we write none.</param>
    /// <param name="cancellationToken">Kills it.</param>
    /// <exception cref="UnavailableException">It is in use on this node, or something else was in the way.</exception>
    public async Task DisconnectAsync(string volumeId, ConnectionInfo connection, ConnectedVolume? volume, bool force, CancellationToken cancellationToken)
    {
        JsonObject request = Connection(volumeId, connection, volume);
        request["force"] = force;
        using JsonDocument answer = await AskAsync("disconnect", request, volumeId, cancellationToken).ConfigureAwait(false);
    }

    private JsonObject Connection(string volumeId, ConnectionInfo connection, ConnectedVolume? volume) => new()
    {
        ["connection"] = JsonNode.Parse(connection.Reveal()),
        ["device"] = volume?.Device is { } device ? JsonNode.Parse(device) : null,
        ["mount_base"] = Path.Join(Node.MountBase, volumeId),
    };

    private async Task<JsonDocument> AskAsync(string request, JsonObject body, string? volumeId, CancellationToken cancellationToken)
    {
        string action = volumeId is null ? "describe this node" : $"{request} volume '{volumeId}'";
        LimitedProcessResult result = await LimitedProcess.RunAsync(Command(request, body), cancellationToken).ConfigureAwait(false);
        if (result.TimedOut)
        {
            throw Failed(action, $"it took longer than {Node.Timeout.TotalSeconds:0} s", FailureCategory.OperationTimeout);
        }

        JsonDocument? answer = Parse(result);
        if (answer is null)
        {
            // What stands on standard error may hold anything, and is told to nobody.
            throw Failed(action, $"the bridge ended without an answer, with exit code {result.ExitCode}", FailureCategory.ResourceUnavailable);
        }

        if (JsonRead.Member(answer.RootElement, "error") is { ValueKind: JsonValueKind.Object } error)
        {
            ImageCacheException refused = Refused(action, JsonRead.Text(error, "kind"), JsonRead.Text(error, "message") ?? "no reason given");
            answer.Dispose();
            throw refused;
        }

        return answer;
    }

    private LimitedCommand Command(string request, JsonObject body)
    {
        body["protocol"] = Protocol;
        body["request"] = request;
        body["host"] = Node.Host;
        body["ip"] = Node.Address;
        body["multipath"] = Node.UsesMultipath;
        body["enforce_multipath"] = Node.RequiresMultipath;
        body["root_helper"] = Node.RootHelper;
        body["lock_path"] = Node.LockPath;
        body["config_files"] = new JsonArray([.. Node.ConfigurationFiles.Select(static path => JsonValue.Create(path))]);
        return new LimitedCommand
        {
            Executable = Node.Python,
            Arguments = ["-s", "-B", "-c", s_program.Value],
            DebianPackage = "python3-os-brick",
            Input = Encoding.UTF8.GetBytes(body.ToJsonString()),

            // What it starts may outlive it (a mount helper, the iSCSI daemon), and would have inherited its limits.
            CpuTime = TimeSpan.MaxValue,
            AddressSpace = long.MaxValue,
            FileSize = long.MaxValue,
            Timeout = Node.Timeout,
            OutputLimit = LargestAnswer,
        };
    }

    private static JsonDocument? Parse(LimitedProcessResult result)
    {
        try
        {
            JsonDocument? answer = result is { ExitCode: 0, IsOutputCut: false } ? JsonDocument.Parse(result.Output) : null;
            if (answer is not null && JsonRead.Member(answer.RootElement, "protocol") is { ValueKind: JsonValueKind.Number } spoken
                && spoken.TryGetInt32(out int protocol) && protocol == Protocol)
            {
                return answer;
            }

            answer?.Dispose();
            return null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private UnavailableException Refused(string action, string? kind, string message) => kind switch
    {
        "missing" => new UnavailableException(
            ErrorIds.MethodUnavailable,
            $"Could not {action}: '{Node.Python}' has no os-brick ({Clean(message)}).",
            nextStep: "Install it: on Debian and Ubuntu, apt-get install python3-os-brick.",
            category: FailureCategory.ResourceUnavailable),
        "unsupported" => new UnavailableException(
            ErrorIds.MethodUnavailable,
            $"Could not {action}: {Clean(message)}.",
            nextStep: "Fetch the image by another method.",
            category: FailureCategory.NotImplemented),
        _ => Failed(action, Clean(message), FailureCategory.ResourceUnavailable),
    };

    private static UnavailableException Failed(string action, string reason, FailureCategory category) => new(
        ErrorIds.VolumeConnectionFailed,
        $"Could not {action}: {reason}.",
        nextStep: "Check that this node reaches the storage, that the user may run os-brick's privileged part, and that its tools (nfs-common, open-iscsi, nvme-cli, multipath-tools, ceph-common) are installed.",
        category: category);

    private static UnavailableException Senseless(string action) => new(
        ErrorIds.VolumeConnectionFailed, $"Could not {action}: os-brick's answer makes no sense.", category: FailureCategory.ResourceUnavailable);

    private static string Clean(string message)
    {
        const int Longest = 500;
        string text = string.Join(' ', message.Split([' ', '\t', '\r', '\n'], StringSplitOptions.RemoveEmptyEntries));
        text = string.Concat(text.Select(static c => char.IsControl(c) ? '?' : c)).TrimEnd('.');
        return text.Length > Longest ? text[..Longest] + "…" : text;
    }

    private static string ReadProgram()
    {
        using Stream stream = typeof(OsBrick).Assembly.GetManifestResourceStream(Resource)!;
        using StreamReader reader = new(stream);
        return reader.ReadToEnd();
    }
}
