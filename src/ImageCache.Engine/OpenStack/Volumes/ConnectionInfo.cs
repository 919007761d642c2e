using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace ImageCache.Engine.OpenStack.Volumes;

/// <summary>
/// How a node connects to a volume, as Cinder's driver says and os-brick understands. It may hold passwords and keys: it prints
/// without them, and what is to be kept on disk is made by <see cref="ForRecord"/>. Sources: cinder/volume/manager.py,
/// _parse_connection_options; os_brick/initiator/connectors.
/// </summary>
internal sealed class ConnectionInfo
{
    private const int LongestText = 64 << 10;
    private const int LongestProtocol = 64;
    private const string ProtocolKey = "driver_volume_type";

    // Whatever is named so is a secret, at any depth.
    private static readonly string[] SecretWords = ["password", "keyring", "secret_key", "passphrase", "encryption_key", "chap_secret", "token"];

    private readonly string _json;

    private ConnectionInfo(string protocol, string json, JsonElement element, bool isComplete)
    {
        Protocol = protocol;
        _json = json;
        IsComplete = isComplete;
        IsEncrypted = JsonRead.Member(element, "encrypted").ValueKind == JsonValueKind.True;
        AccessMode = JsonRead.Text(element, "access_mode");
        Format = JsonRead.Text(element, "format");
    }

    /// <summary>The driver's name of the protocol: rbd, iscsi, fibre_channel, nvmeof, nfs ….</summary>
    public string Protocol { get; }

    /// <summary>Whether the device holds ciphertext.</summary>
    public bool IsEncrypted { get; }

    /// <summary>ro or rw; only a wish to most stores.</summary>
    public string? AccessMode { get; }

    /// <summary>The format of a volume that is a file: raw or qcow2; <see langword="null"/> where the driver does not say.</summary>
    public string? Format { get; }

    /// <summary>Whether nothing was taken out, so that it connects without Cinder.</summary>
    public bool IsComplete { get; }

    /// <summary>Reads what an attachment holds. The older form, whose keys lie one level deeper, is read as well.</summary>
    public static bool TryParse(JsonElement element, [NotNullWhen(true)] out ConnectionInfo? connection, [NotNullWhen(false)] out string? reason)
    {
        connection = null;
        string? protocol = JsonRead.Text(element, ProtocolKey);
        if (protocol is null or { Length: 0 or > LongestProtocol } || !protocol.All(static c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-'))
        {
            reason = $"a connection has no usable {ProtocolKey}";
            return false;
        }

        if (element.GetRawText().Length > LongestText)
        {
            reason = $"a connection has more than {LongestText} characters";
            return false;
        }

        JsonObject? flat = Flatten(element);
        if (flat is null)
        {
            reason = "a connection has keys twice, or text that is none";
            return false;
        }

        reason = null;
        connection = From(protocol, flat, isComplete: true);
        return true;
    }

    /// <summary>What may be kept on disk: the same without secrets. Whether it still connects, <see cref="IsComplete"/> tells.</summary>
    public ConnectionInfo ForRecord()
    {
        JsonObject copy = (JsonObject)JsonNode.Parse(_json)!;
        bool removed = RemoveSecrets(copy);
        return From(Protocol, copy, IsComplete && !removed);
    }

    /// <summary>Reads what <see cref="ForRecord"/> kept.</summary>
    public static ConnectionInfo? FromRecord(string json, bool isComplete)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(json);
            return TryParse(document.RootElement, out ConnectionInfo? connection, out _)
                ? new ConnectionInfo(connection.Protocol, connection._json, document.RootElement, isComplete)
                : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>The JSON itself, for the one who connects.</summary>
    public string Reveal() => _json;

    public override string ToString() => $"{Protocol} ***";

    private static ConnectionInfo From(string protocol, JsonObject node, bool isComplete)
    {
        string json = node.ToJsonString();
        using JsonDocument document = JsonDocument.Parse(json);
        return new ConnectionInfo(protocol, json, document.RootElement, isComplete);
    }

    private static JsonObject? Flatten(JsonElement element)
    {
        try
        {
            JsonObject flat = (JsonObject)JsonNode.Parse(element.GetRawText())!;
            if (flat["data"] is JsonObject data)
            {
                flat.Remove("data");
                foreach ((string key, JsonNode? value) in data.ToArray())
                {
                    data.Remove(key);
                    flat[key] = value;
                }

                flat[ProtocolKey] = JsonRead.Text(element, ProtocolKey);
            }

            // Reading everything once finds what is malformed deep inside.
            return JsonNode.Parse(flat.ToJsonString()) is JsonObject whole && TextsAreWell(whole) ? whole : null;
        }
        catch (Exception error) when (error is JsonException or ArgumentException or InvalidOperationException)
        {
            return null;
        }
    }

    private static bool TextsAreWell(JsonNode? node) => node switch
    {
        JsonObject members => members.All(static member => TextsAreWell(member.Value)),
        JsonArray items => items.All(TextsAreWell),
        JsonValue value when value.GetValueKind() == JsonValueKind.String => value.GetValue<string>() is { } text && !text.Contains('\0', StringComparison.Ordinal),
        _ => true,
    };

    private static bool RemoveSecrets(JsonNode? node)
    {
        bool removed = false;
        switch (node)
        {
            case JsonObject members:
                foreach ((string key, JsonNode? value) in members.ToArray())
                {
                    if (value is not null && SecretWords.Any(word => key.Contains(word, StringComparison.OrdinalIgnoreCase)))
                    {
                        members.Remove(key);
                        removed = true;
                        continue;
                    }

                    removed |= RemoveSecrets(value);
                }

                break;
            case JsonArray items:
                foreach (JsonNode? item in items)
                {
                    removed |= RemoveSecrets(item);
                }

                break;
            default:
                break;
        }

        return removed;
    }
}
