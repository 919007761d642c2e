using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace ImageCache.Engine.Store;

/// <summary>The JSON of records: camelCase, enums as words, unknown fields kept.</summary>
internal static class RecordJson
{
    private static readonly JsonSerializerOptions s_options = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,

        // Nobody puts a record into a web page; people read it.
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        NumberHandling = JsonNumberHandling.Strict,
        MaxDepth = 32,
        RespectNullableAnnotations = true,
        TypeInfoResolver = new DefaultJsonTypeInfoResolver(),
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase, allowIntegerValues: false) },
    };

    private static readonly JsonDocumentOptions s_document = new() { MaxDepth = 32, AllowDuplicateProperties = false };

    /// <summary>Parses a record.</summary>
    /// <exception cref="JsonException">It is not one.</exception>
    public static ImageRecord Parse(ReadOnlySpan<byte> json)
    {
        try
        {
            JsonObject original = JsonNode.Parse(json, documentOptions: s_document) as JsonObject ?? throw new JsonException("It is not a JSON object");
            ImageRecord record = original.Deserialize<ImageRecord>(s_options) ?? throw new JsonException("It is empty");
            return record with { Original = original };
        }
        catch (InvalidOperationException e)
        {
            throw new JsonException("It holds text that is no Unicode", e);
        }
    }

    /// <summary>Writes a record over the fields that it was read with.</summary>
    public static byte[] Write(ImageRecord record)
    {
        JsonObject current = (JsonObject)JsonSerializer.SerializeToNode(record with { Original = null }, s_options)!;
        try
        {
            JsonObject merged = record.Original is null ? current : Merge((JsonObject)record.Original.DeepClone(), (JsonObject)current.DeepClone(), typeof(ImageRecord));
            return JsonSerializer.SerializeToUtf8Bytes(merged, s_options);
        }
        catch (InvalidOperationException)
        {
            // Fields that we do not know are read only now, and these hold text that is no Unicode.
            return JsonSerializer.SerializeToUtf8Bytes(current, s_options);
        }
    }

    /// <summary>The <c>id</c> of something that may not be a record at all.</summary>
    public static IEnumerable<string> FindIds(string text)
    {
        const string Key = "\"id\"";
        for (int at = text.IndexOf(Key, StringComparison.Ordinal); at >= 0; at = text.IndexOf(Key, at + 1, StringComparison.Ordinal))
        {
            int open = text.IndexOf('"', at + Key.Length);
            int close = open < 0 ? -1 : text.IndexOf('"', open + 1);
            if (close > open)
            {
                yield return text[(open + 1)..close];
            }
        }
    }

    // The descriptor is the service's word and replaced as a whole but for fields that we do not know; so is the record itself.
    private static JsonObject Merge(JsonObject target, JsonObject current, Type type)
    {
        foreach (JsonPropertyInfo known in s_options.GetTypeInfo(type).Properties)
        {
            JsonNode? value = current[known.Name];
            current.Remove(known.Name);
            if (value is JsonObject inner && known.PropertyType == typeof(ImageDescriptor) && target[known.Name] is JsonObject old)
            {
                target[known.Name] = Merge((JsonObject)old.DeepClone(), inner, typeof(ImageDescriptor));
            }
            else if (value is null)
            {
                target.Remove(known.Name);
            }
            else
            {
                target[known.Name] = value;
            }
        }

        return target;
    }
}
