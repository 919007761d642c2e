namespace ImageCache.Engine.OpenStack.Clouds;

/// <summary>A value of a cloud configuration file, with where it stands: text, a list, or a map.</summary>
internal sealed class ConfigNode(string file, int line)
{
    /// <summary>The file, or what takes its place in a message.</summary>
    public string File { get; } = file;

    /// <summary>The line, counted from 1; 0 when there is none.</summary>
    public int Line { get; } = line;

    /// <summary>The text of a scalar; <see langword="null"/> for YAML's null and for what is no scalar.</summary>
    public string? Text { get; init; }

    /// <summary>The entries of a map.</summary>
    public IReadOnlyDictionary<string, ConfigNode>? Map { get; init; }

    /// <summary>The items of a list.</summary>
    public IReadOnlyList<ConfigNode>? Items { get; init; }

    /// <summary>Where it stands, for a message.</summary>
    public string Position => Line > 0 ? $"{File}, line {Line}" : File;

    /// <summary>An entry of a map.</summary>
    public ConfigNode? this[string key] => Map?.GetValueOrDefault(key);

    /// <summary>This map with another laid over it: maps are merged at every depth, everything else is replaced.</summary>
    public ConfigNode Under(ConfigNode? upper)
    {
        if (upper is null)
        {
            return this;
        }

        if (Map is null || upper.Map is null)
        {
            return upper;
        }

        Dictionary<string, ConfigNode> merged = new(Map, StringComparer.Ordinal);
        foreach ((string key, ConfigNode value) in upper.Map)
        {
            merged[key] = merged.TryGetValue(key, out ConfigNode? below) ? below.Under(value) : value;
        }

        return new ConfigNode(File, Line) { Map = merged };
    }

    /// <summary>This map without some keys.</summary>
    public ConfigNode Without(params string[] keys)
        => new(File, Line) { Map = Map?.Where(entry => !keys.Contains(entry.Key)).ToDictionary(StringComparer.Ordinal) };
}
