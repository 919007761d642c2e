using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace ImageCache.Engine.Store;

/// <summary>The JSON of our documents: camelCase, enums as words, unknown fields kept.</summary>
internal static class StoredJson
{
    private const string SchemaName = "schemaVersion";

    private static readonly JsonSerializerOptions s_options = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,

        // Nobody puts them into a web page; people read them.
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        NumberHandling = JsonNumberHandling.Strict,
        MaxDepth = 32,
        RespectNullableAnnotations = true,
        TypeInfoResolver = StoredJsonContext.Default,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase, allowIntegerValues: false) },
    };

    private static readonly JsonDocumentOptions s_document = new() { MaxDepth = 32, AllowDuplicateProperties = false };

    /// <summary>Parses a document.</summary>
    /// <exception cref="JsonException">It is not one.</exception>
    public static T Parse<T>(ReadOnlySpan<byte> json)
        where T : class, IStoredDocument<T>
    {
        try
        {
            JsonObject original = JsonNode.Parse(json, documentOptions: s_document) as JsonObject ?? throw new JsonException("It is not a JSON object");
            T document = original.Deserialize<T>(s_options) ?? throw new JsonException("It is empty");
            return document.WithOriginal(original);
        }
        catch (InvalidOperationException e)
        {
            throw new JsonException("It holds text that is no Unicode", e);
        }
    }

    /// <summary>The schema that something says it has; <see langword="null"/> when it does not.</summary>
    public static int? SchemaOf(ReadOnlySpan<byte> json)
    {
        try
        {
            return JsonNode.Parse(json, documentOptions: s_document) is JsonObject document
                && document.TryGetPropertyValue(SchemaName, out JsonNode? schema)
                && schema is JsonValue value
                && value.TryGetValue(out int number)
                    ? number
                    : null;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    /// <summary>Writes a document over the fields that it was read with.</summary>
    public static byte[] Write<T>(T document)
        where T : class, IStoredDocument<T>
    {
        JsonObject current = (JsonObject)JsonSerializer.SerializeToNode(document.WithOriginal(null), s_options)!;
        try
        {
            JsonObject merged = document.Original is { } original
                ? Merge((JsonObject)original.DeepClone(), (JsonObject)current.DeepClone(), typeof(T))
                : current;
            return JsonSerializer.SerializeToUtf8Bytes(merged, s_options);
        }
        catch (InvalidOperationException)
        {
            // Fields that we do not know are read only now, and these hold text that is no Unicode.
            return JsonSerializer.SerializeToUtf8Bytes(current, s_options);
        }
    }

    // The descriptor is the service's word and replaced as a whole but for fields that we do not know; so are the items of a list that have
    // ids, and the document itself.
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
            else if (value is JsonArray list && ItemType(known.PropertyType) is { } item && target[known.Name] is JsonArray former)
            {
                target[known.Name] = MergeItems(former, list, item);
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

    private static Type? ItemType(Type list)
        => list.IsGenericType && list.GenericTypeArguments is [{ } item] && item.IsAssignableTo(typeof(IStoredItem)) ? item : null;

    private static JsonArray MergeItems(JsonArray former, JsonArray current, Type type)
    {
        Dictionary<string, JsonObject> known = new(StringComparer.Ordinal);
        foreach (JsonObject item in former.OfType<JsonObject>())
        {
            if (IdOf(item) is { } id)
            {
                known.TryAdd(id, item);
            }
        }

        return [.. current.Select(item => item is JsonObject now && IdOf(now) is { } id && known.TryGetValue(id, out JsonObject? then)
            ? Merge((JsonObject)then.DeepClone(), (JsonObject)now.DeepClone(), type)
            : item?.DeepClone())];
    }

    private static string? IdOf(JsonObject item) => item["id"] is JsonValue value && value.TryGetValue(out string? id) ? id : null;
}
