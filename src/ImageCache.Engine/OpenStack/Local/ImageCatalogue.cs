using System.Text.Json;

namespace ImageCache.Engine.OpenStack.Local;

/// <summary>What searches last saw of a cloud, kept in the user's cache directory so that completion waits for no network.</summary>
internal sealed class ImageCatalogue(UserCacheDirectory directory, string cloudKey)
{
    /// <summary>The most images that are kept; the latest seen stay.</summary>
    public const int MostEntries = 20_000;

    private const int SchemaVersion = 1;
    private const long LargestFile = 32 << 20;

    private readonly string _fileName = $"catalogue-{cloudKey}.json";

    /// <summary>The images, the latest seen first. An unreadable file is an empty one.</summary>
    public IReadOnlyList<CatalogueEntry> Read()
    {
        if (directory.TryRead(_fileName, LargestFile) is not { } content)
        {
            return [];
        }

        try
        {
            using JsonDocument document = JsonDocument.Parse(content);
            return JsonRead.Member(document.RootElement, "schema") is { ValueKind: JsonValueKind.Number } schema && schema.TryGetInt32(out int version)
                && version == SchemaVersion && JsonRead.Member(document.RootElement, "images") is { ValueKind: JsonValueKind.Array } images
                ? [.. images.EnumerateArray().Select(ReadEntry).OfType<CatalogueEntry>().Take(MostEntries)]
                : [];
        }
        catch (JsonException)
        {
            return [];
        }
    }

    /// <summary>Keeps what a search saw; what earlier searches saw stays behind it, unless this one saw everything.</summary>
    /// <param name="seen">The images.</param>
    /// <param name="isComplete">Whether the search had no filter and came to its end.</param>
    /// <param name="time">Tells when.</param>
    public void Keep(IReadOnlyList<ImageDescriptor> seen, bool isComplete, TimeProvider time)
    {
        IEnumerable<CatalogueEntry> entries = seen.Select(static image => new CatalogueEntry(image.Id, image.Name, image.Status, image.Size));
        if (!isComplete)
        {
            entries = entries.Concat(Read());
        }

        directory.TryWrite(_fileName, Write(entries.DistinctBy(static entry => entry.Id).Take(MostEntries), time.GetUtcNow()));
    }

    private static CatalogueEntry? ReadEntry(JsonElement entry)
        => JsonRead.Text(entry, "id") is { } id
            ? new CatalogueEntry(
                id,
                JsonRead.Text(entry, "name"),
                JsonRead.Text(entry, "status") ?? string.Empty,
                JsonRead.Member(entry, "size") is { ValueKind: JsonValueKind.Number } size && size.TryGetInt64(out long bytes) ? bytes : null)
            : null;

    private static byte[] Write(IEnumerable<CatalogueEntry> entries, DateTimeOffset now)
    {
        using MemoryStream bytes = new();
        using (Utf8JsonWriter json = new(bytes))
        {
            json.WriteStartObject();
            json.WriteNumber("schema", SchemaVersion);
            json.WriteString("savedAt", now);
            json.WriteStartArray("images");
            foreach (CatalogueEntry entry in entries)
            {
                WriteEntry(json, entry);
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        return bytes.ToArray();
    }

    private static void WriteEntry(Utf8JsonWriter json, CatalogueEntry entry)
    {
        json.WriteStartObject();
        json.WriteString("id", entry.Id);
        json.WriteString("name", entry.Name);
        json.WriteString("status", entry.Status);
        if (entry.Size is { } size)
        {
            json.WriteNumber("size", size);
        }

        json.WriteEndObject();
    }
}
