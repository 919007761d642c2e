using System.Text.Json;

namespace ImageCache.Engine.Formats;

/// <summary>
/// Reads the options of a block device that stand for the name of a backing file, after <c>json:</c>. One chain of drivers down to one
/// file is understood, nested or with dotted keys; whatever else could name a file is said to be unknown. Source: QEMU,
/// qapi/block-core.json (BlockdevOptions); block.c (parse_json_filename).
/// </summary>
internal static class BackingJson
{
    private const string Raw = "raw";
    private const string File = "file";
    private const string Driver = "driver";
    private const string FileName = "filename";
    private const int MostLayers = 16;

    private static readonly JsonDocumentOptions s_options = new() { MaxDepth = 32, AllowDuplicateProperties = false };

    // What has one child, named file, and no other file besides.
    private static readonly HashSet<string> s_layers = new(StringComparer.Ordinal)
    {
        Raw, "qcow2", "qcow", "qed", "luks", "vmdk", "vdi", "vhdx", "vpc", "parallels", "bochs", "cloop", "dmg",
        "copy-on-read", "throttle", "compress", "preallocate",
    };

    // What may lead to another file: children, the files of drivers for tests, and a node that is known by its name alone.
    private static readonly HashSet<string> s_children = new(StringComparer.Ordinal)
    {
        File, "backing", "data-file", "children", "image", "raw", "test", "log", "dir", "config", "target", "bottom", "x-image",
    };

    /// <summary>Reads them.</summary>
    public static BackingName Parse(string json)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(json, s_options);
            Dictionary<string, JsonElement> options = new(StringComparer.Ordinal);
            return document.RootElement.ValueKind == JsonValueKind.Object && TryFlatten(document.RootElement, string.Empty, options)
                ? Follow(options)
                : NotUnderstood();
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // The second for text that is no Unicode.
            return NotUnderstood();
        }
    }

    // To dotted keys, which QEMU takes as well.
    private static bool TryFlatten(JsonElement part, string prefix, Dictionary<string, JsonElement> options)
    {
        foreach (JsonProperty property in part.EnumerateObject())
        {
            string key = prefix + property.Name;
            bool isDone = property.Value.ValueKind == JsonValueKind.Object
                ? TryFlatten(property.Value, key + ".", options)
                : options.TryAdd(key, property.Value);
            if (!isDone)
            {
                return false;
            }
        }

        return true;
    }

    private static BackingName Follow(Dictionary<string, JsonElement> options)
    {
        string prefix = string.Empty;
        List<string> layers = [];
        while (layers.Count <= MostLayers)
        {
            string? driver = Text(options, prefix + Driver);
            if (driver is not null && BackingName.IsRemoteDriver(driver))
            {
                return NamesMore(options, prefix, isRemote: true) ? NotUnderstood() : new BackingName(null, null, null);
            }

            if (Text(options, prefix + FileName) is { } path)
            {
                return NamesMore(options, prefix, isRemote: false) ? NotUnderstood() : Named(path, driver, layers);
            }

            if ((driver is not null && !s_layers.Contains(driver)) || !options.Keys.Any(key => key.StartsWith(prefix + File + ".", StringComparison.Ordinal)))
            {
                return NotUnderstood();
            }

            layers.Add(driver ?? string.Empty);
            prefix += File + ".";
        }

        return NotUnderstood();
    }

    private static BackingName Named(string path, string? driver, List<string> layers)
    {
        bool isLayer = driver is not null && s_layers.Contains(driver);
        if (isLayer)
        {
            layers.Add(driver!);
        }

        string? format = layers.Count == 0 ? null : layers.TrueForAll(static layer => layer == Raw) ? Raw : layers.Find(static layer => layer != Raw);
        if (driver is not null && BackingName.IsFileDriver(driver))
        {
            return BackingName.File(path, format is { Length: > 0 } ? format : null);
        }

        if (driver is not null && !isLayer)
        {
            return NotUnderstood();
        }

        BackingName named = BackingName.Parse(path);
        return named.Path is null ? named : BackingName.File(named.Path, format is { Length: > 0 } ? format : null);
    }

    // What is no option of the chain itself and could name another file: a child of another name, a list, the name of a node.
    private static bool NamesMore(Dictionary<string, JsonElement> options, string prefix, bool isRemote) => options.Any(option =>
    {
        string key = option.Key;
        int depth = 0;
        while (depth < prefix.Length && key.StartsWith(File + ".", StringComparison.Ordinal))
        {
            key = key[(File.Length + 1)..];
            depth += File.Length + 1;
        }

        bool isInnermost = depth == prefix.Length;
        return option.Value.ValueKind != JsonValueKind.Null
            && !(isInnermost && isRemote)
            && (s_children.Contains(key.Split('.')[0]) || (key == FileName && !isInnermost) || option.Value.ValueKind == JsonValueKind.Array);
    });

    private static string? Text(Dictionary<string, JsonElement> options, string key)
        => options.TryGetValue(key, out JsonElement value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static BackingName NotUnderstood() => BackingName.Doubtful("its backing file is named by options that are not understood");
}
