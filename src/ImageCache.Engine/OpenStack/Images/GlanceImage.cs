using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.Json;
using ImageCache.Engine.OpenStack.Http;

namespace ImageCache.Engine.OpenStack.Images;

/// <summary>
/// Reads an image record. Nothing in it is trusted: kinds and lengths are checked, and locations lose what may be a secret.
/// Source: Images API v2, "Show image"; Glance's glance/api/v2/images.py.
/// </summary>
internal static class GlanceImage
{
    private const int LongestText = 255;
    private const int LongestProperty = 64 << 10;
    private const int MostProperties = 1024;
    private const int MostItems = 1024;

    // Glance's own keys, besides those that a descriptor has: they are no custom properties.
    private static readonly HashSet<string> OwnKeys = new(StringComparer.Ordinal)
    {
        "id", "name", "status", "visibility", "owner", "disk_format", "container_format", "size", "virtual_size", "min_disk", "min_ram",
        "checksum", "os_hash_algo", "os_hash_value", "created_at", "updated_at", "tags", "protected", "os_hidden", "self", "file", "schema",
        "direct_url", "locations", "stores",
    };

    private static readonly string[] SignatureKeys =
        ["img_signature", "img_signature_hash_method", "img_signature_key_type", "img_signature_certificate_uuid"];

    /// <summary>Reads a record.</summary>
    /// <param name="record">The JSON object.</param>
    /// <param name="image">What it says.</param>
    /// <param name="reason">Why it is none.</param>
    public static bool TryParse(JsonElement record, [NotNullWhen(true)] out ImageDescriptor? image, [NotNullWhen(false)] out string? reason)
    {
        image = null;
        reason = null;
        try
        {
            image = Parse(record);
            return true;
        }
        catch (FormatException error)
        {
            reason = error.Message;
            return false;
        }
    }

    private static ImageDescriptor Parse(JsonElement record)
    {
        if (record.ValueKind != JsonValueKind.Object)
        {
            throw new FormatException("an image record is no JSON object");
        }

        Dictionary<string, string> properties = ReadProperties(record);
        return new ImageDescriptor
        {
            Id = ImageReference.IsPossibleId(Text(record, "id")) ? Text(record, "id")! : throw new FormatException("an image record has no usable id"),
            Name = Text(record, "name"),
            Status = Text(record, "status") ?? throw new FormatException("an image record has no status"),
            Visibility = Text(record, "visibility"),
            Owner = Text(record, "owner"),
            DiskFormat = Text(record, "disk_format"),
            ContainerFormat = Text(record, "container_format"),
            Size = Count(record, "size"),
            VirtualSize = Count(record, "virtual_size"),
            MinDisk = (int)Math.Min(Count(record, "min_disk") ?? 0, int.MaxValue),
            Checksum = Hex(record, "checksum", 32),
            HashAlgorithm = Text(record, "os_hash_algo"),
            HashValue = Hex(record, "os_hash_value", 128),
            CreatedAt = Time(record, "created_at"),
            UpdatedAt = Time(record, "updated_at"),
            Tags = ReadTags(record),
            Properties = properties,
            Locations = ReadLocations(record),
            IsSigned = SignatureKeys.Any(properties.ContainsKey),
        };
    }

    private static string? Text(JsonElement record, string key)
    {
        JsonElement member = JsonRead.Member(record, key);
        return member.ValueKind switch
        {
            JsonValueKind.Undefined or JsonValueKind.Null => null,
            JsonValueKind.String when JsonRead.TryText(member, out string? text) && text.Length <= LongestText => text.Length == 0 ? null : text,
            _ => throw new FormatException($"'{key}' of an image record is no text of at most {LongestText} characters"),
        };
    }

    private static long? Count(JsonElement record, string key)
    {
        JsonElement member = JsonRead.Member(record, key);
        return member.ValueKind switch
        {
            JsonValueKind.Undefined or JsonValueKind.Null => null,
            JsonValueKind.Number when member.TryGetInt64(out long count) && count >= 0 => count,
            _ => throw new FormatException($"'{key}' of an image record is no whole number from 0"),
        };
    }

    private static string? Hex(JsonElement record, string key, int longest)
        => Text(record, key) switch
        {
            null => null,
            { } text when text.Length <= longest && text.All(char.IsAsciiHexDigit) => text,
            _ => throw new FormatException($"'{key}' of an image record is no hex number of at most {longest} digits"),
        };

    private static DateTimeOffset? Time(JsonElement record, string key)
        => DateTimeOffset.TryParse(
            Text(record, key), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out DateTimeOffset time)
            ? time
            : null;

    private static string[] ReadTags(JsonElement record)
        => JsonRead.Member(record, "tags") is { ValueKind: JsonValueKind.Array } tags
            ? [.. Texts(tags.EnumerateArray()).Where(static tag => tag.Length <= LongestText)]
            : [];

    private static Dictionary<string, string> ReadProperties(JsonElement record)
    {
        Dictionary<string, string> properties = new(StringComparer.Ordinal);
        foreach (JsonProperty member in record.EnumerateObject())
        {
            if (JsonRead.TryName(member, out string? name) && !OwnKeys.Contains(name) && name.Length <= LongestText && properties.Count < MostProperties
                && JsonRead.TryText(member.Value, out string? value) && value.Length <= LongestProperty)
            {
                properties[name] = value;
            }
        }

        return properties;
    }

    private static string[] ReadLocations(JsonElement record)
    {
        JsonElement list = JsonRead.Member(record, "locations");
        IEnumerable<JsonElement> urls = list.ValueKind == JsonValueKind.Array
            ? list.EnumerateArray().Select(static location => JsonRead.Member(location, "url"))
            : [];
        return [.. Texts(urls.Prepend(JsonRead.Member(record, "direct_url"))).Select(Redactor.Url).Distinct()];
    }

    private static IEnumerable<string> Texts(IEnumerable<JsonElement> elements)
    {
        foreach (JsonElement element in elements.Take(MostItems))
        {
            if (JsonRead.TryText(element, out string? text) && text.Length <= LongestProperty)
            {
                yield return text;
            }
        }
    }
}
