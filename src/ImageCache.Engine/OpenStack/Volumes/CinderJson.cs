using System.Diagnostics.CodeAnalysis;
using System.Text.Json;

namespace ImageCache.Engine.OpenStack.Volumes;

/// <summary>Reads Cinder's records. Nothing in them is trusted: kinds and lengths are checked.</summary>
internal static class CinderJson
{
    private const int LongestText = 255;
    private const int MostItems = 4096;
    private const int MostGibibytes = 1 << 30;

    /// <summary>Reads a volume.</summary>
    public static bool TryReadVolume(JsonElement record, [NotNullWhen(true)] out CinderVolume? volume, [NotNullWhen(false)] out string? reason)
        => Try(record, ReadVolume, out volume, out reason);

    /// <summary>Reads an attachment, in the form of one and in that of a list.</summary>
    public static bool TryReadAttachment(
        JsonElement record, [NotNullWhen(true)] out CinderAttachment? attachment, [NotNullWhen(false)] out string? reason)
        => Try(record, ReadAttachment, out attachment, out reason);

    /// <summary>Reads what a list of versions says about version 3: its newest and its oldest microversion.</summary>
    public static (Microversion Newest, Microversion Oldest)? ReadVersion3(JsonElement answer)
    {
        if (JsonRead.Member(answer, "versions") is not { ValueKind: JsonValueKind.Array } versions)
        {
            return null;
        }

        foreach (JsonElement version in versions.EnumerateArray().Take(MostItems))
        {
            if (JsonRead.Text(version, "id")?.StartsWith("v3", StringComparison.Ordinal) == true
                && Microversion.TryParse(JsonRead.Text(version, "version"), out Microversion newest)
                && Microversion.TryParse(JsonRead.Text(version, "min_version"), out Microversion oldest))
            {
                return (newest, oldest);
            }
        }

        return null;
    }

    private static bool Try<T>(JsonElement record, Func<JsonElement, T> read, [NotNullWhen(true)] out T? value, [NotNullWhen(false)] out string? reason)
        where T : class
    {
        value = null;
        reason = null;
        try
        {
            value = record.ValueKind == JsonValueKind.Object ? read(record) : throw new FormatException("a record is no JSON object");
            return true;
        }
        catch (FormatException error)
        {
            reason = error.Message;
            return false;
        }
    }

    private static CinderVolume ReadVolume(JsonElement record) => new()
    {
        Id = Id(record, "id") ?? throw new FormatException("a volume has no usable id"),
        Status = Text(record, "status") ?? throw new FormatException("a volume has no status"),
        Name = Text(record, "name"),
        Gibibytes = Gibibytes(record),
        IsMultiattach = IsTrue(record, "multiattach"),
        IsEncrypted = IsTrue(record, "encrypted"),
        VolumeType = Text(record, "volume_type"),
        ProjectId = Text(record, "os-vol-tenant-attr:tenant_id"),
        Metadata = Metadata(record),
        Uses = Uses(record),
    };

    private static CinderAttachment ReadAttachment(JsonElement record) => new()
    {
        Id = Id(record, "id") ?? throw new FormatException("an attachment has no usable id"),
        VolumeId = Id(record, "volume_id") ?? throw new FormatException("an attachment has no usable volume_id"),
        Status = Text(record, "status") ?? throw new FormatException("an attachment has no status"),
        InstanceId = Text(record, "instance"),
        Mode = Text(record, "attach_mode"),
        Connection = Connection(record),
    };

    private static ConnectionInfo? Connection(JsonElement record)
    {
        JsonElement connection = JsonRead.Member(record, "connection_info");
        return connection.ValueKind switch
        {
            JsonValueKind.Undefined or JsonValueKind.Null => null,
            JsonValueKind.Object when !connection.EnumerateObject().Any() => null,
            _ => ConnectionInfo.TryParse(connection, out ConnectionInfo? info, out string? reason) ? info : throw new FormatException(reason),
        };
    }

    // Ids go into paths.
    private static string? Id(JsonElement record, string key)
        => Text(record, key) is { } id && Guid.TryParseExact(id, "D", out _) ? id : null;

    private static string? Text(JsonElement record, string key)
    {
        JsonElement member = JsonRead.Member(record, key);
        return member.ValueKind switch
        {
            JsonValueKind.Undefined or JsonValueKind.Null => null,
            JsonValueKind.String when JsonRead.TryText(member, out string? text) && text.Length <= LongestText => text.Length == 0 ? null : text,
            _ => throw new FormatException($"'{key}' is no text of at most {LongestText} characters"),
        };
    }

    private static int Gibibytes(JsonElement record)
        => JsonRead.Member(record, "size") is { ValueKind: JsonValueKind.Number } size && size.TryGetInt32(out int count) && count is >= 0 and <= MostGibibytes
            ? count
            : throw new FormatException("a volume has no usable size");

    private static bool IsTrue(JsonElement record, string key) => JsonRead.Member(record, key).ValueKind == JsonValueKind.True;

    private static Dictionary<string, string> Metadata(JsonElement record)
    {
        Dictionary<string, string> metadata = new(StringComparer.Ordinal);
        if (JsonRead.Member(record, "metadata") is not { ValueKind: JsonValueKind.Object } members)
        {
            return metadata;
        }

        foreach (JsonProperty member in members.EnumerateObject().Take(MostItems))
        {
            if (JsonRead.TryText(member.Value, out string? text) && text.Length <= LongestText)
            {
                metadata[member.Name] = text;
            }
        }

        return metadata;
    }

    private static VolumeUse[] Uses(JsonElement record)
        => JsonRead.Member(record, "attachments") is { ValueKind: JsonValueKind.Array } uses
            ? [.. uses.EnumerateArray().Take(MostItems).Select(Use).OfType<VolumeUse>()]
            : [];

    private static VolumeUse? Use(JsonElement use)
        => Id(use, "attachment_id") is { } id ? new VolumeUse(id, Text(use, "server_id"), Text(use, "device"), Text(use, "host_name")) : null;
}
