using System.Text.Json;
using ImageCache.Engine.OpenStack;

namespace ImageCache.Engine.Formats;

/// <summary>Reads what <c>qemu-img info --output=json</c> prints. Source: QEMU, qapi/block-core.json, ImageInfo.</summary>
internal static class QemuImageInfoReader
{
    private const int LongestText = 4096;

    /// <summary>Reads the JSON; <see langword="null"/> when it is not what it should be.</summary>
    public static QemuImageInfo? TryRead(string json)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(json);
            return Read(document.RootElement);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static QemuImageInfo? Read(JsonElement root)
    {
        if (root.ValueKind != JsonValueKind.Object
            || Text(root, "format") is not { } format || Number(root, "virtual-size") is not { } virtualSize)
        {
            return null;
        }

        JsonElement data = JsonRead.Member(JsonRead.Member(root, "format-specific"), "data");
        return new QemuImageInfo
        {
            Format = format,
            VirtualSize = virtualSize,
            ActualSize = Number(root, "actual-size"),
            ClusterSize = Number(root, "cluster-size"),
            BackingFormat = Text(root, "backing-filename-format"),
            BackingFile = Text(root, "backing-filename") ?? Text(root, "full-backing-filename"),
            DataFile = Text(data, "data-file"),
            CreateType = Text(data, "create-type"),
            IsEncrypted = Flag(root, "encrypted"),
            IsCorrupt = Flag(data, "corrupt"),
        };
    }

    private static string? Text(JsonElement parent, string name)
    {
        string? text = JsonRead.Text(parent, name);
        return text?[..Math.Min(text.Length, LongestText)];
    }

    private static long? Number(JsonElement parent, string name)
    {
        JsonElement member = JsonRead.Member(parent, name);
        return member.ValueKind == JsonValueKind.Number && member.TryGetInt64(out long number) && number >= 0 ? number : null;
    }

    private static bool Flag(JsonElement parent, string name) => JsonRead.Member(parent, name).ValueKind == JsonValueKind.True;
}
