using System.Text.Json;
using ImageCache.Engine.OpenStack;

namespace ImageCache.Engine.Volumes;

/// <summary>Reads the bridge's answer to a connection. It passed through many hands, and is checked as if it came from a stranger.</summary>
internal static class ConnectedVolumeReader
{
    private const int MostMonitors = 100;

    /// <summary>What is connected; <see langword="null"/> when the answer makes no sense.</summary>
    public static ConnectedVolume? Read(string volumeId, JsonElement result) => JsonRead.Text(result, "kind") switch
    {
        "block" => WithPath(volumeId, ConnectedKind.Block, result),
        "file" => WithPath(volumeId, ConnectedKind.File, result),
        "rbd" => Rbd(result) is { } rbd ? new ConnectedVolume { VolumeId = volumeId, Kind = ConnectedKind.Rbd, Rbd = rbd } : null,
        _ => null,
    };

    private static ConnectedVolume? WithPath(string volumeId, ConnectedKind kind, JsonElement result)
    {
        JsonElement device = JsonRead.Member(result, "device");
        string? path = JsonRead.Text(result, "path");
        return path is not null && Path.IsPathFullyQualified(path) && IsPlain(path)
            ? new ConnectedVolume
            {
                VolumeId = volumeId,
                Kind = kind,
                Path = path,
                Device = device.ValueKind == JsonValueKind.Object ? device.GetRawText() : null,
            }
            : null;
    }

    private static RbdVolume? Rbd(JsonElement result)
    {
        JsonElement monitors = JsonRead.Member(result, "monitors");
        string?[] words = [Word(result, "pool"), Word(result, "image"), Word(result, "user"), Word(result, "cluster")];
        if (words is not [{ } pool, { } image, { } user, { } cluster] || monitors.ValueKind != JsonValueKind.Array
            || JsonRead.Member(result, "size") is not { ValueKind: JsonValueKind.Number } number || !number.TryGetInt64(out long size) || size < 0)
        {
            return null;
        }

        string[] hosts = [.. monitors.EnumerateArray().Take(MostMonitors).Select(static item => JsonRead.TryText(item, out string? host) ? host : string.Empty)];
        return hosts.Length > 0 && hosts.All(IsAddress)
            ? new RbdVolume { Pool = pool, Image = image, User = user, Cluster = cluster, Monitors = hosts, Size = size }
            : null;
    }

    // They become parts of paths and of lines of a ceph.conf.
    private static string? Word(JsonElement result, string name)
        => JsonRead.Text(result, name) is { Length: > 0 and <= 255 } text && IsPlain(text) && !text.Contains('/', StringComparison.Ordinal) ? text : null;

    private static bool IsAddress(string text)
        => text.Length is > 0 and <= 255 && text.All(static c => char.IsAsciiLetterOrDigit(c) || c is '.' or ':' or '-' or '[' or ']' or '_');

    private static bool IsPlain(string text) => !text.Any(char.IsControl);
}
