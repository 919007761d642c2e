using System.Text;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace ImageCache.Engine.OpenStack.Clouds;

/// <summary>Reads a YAML file (JSON is YAML, too) into nodes that know their lines. Size and depth are bounded.</summary>
internal static class ConfigFile
{
    private const int LargestFile = 4 << 20;
    private const int MostNodes = 200_000;
    private const int DeepestNesting = 32;
    private const string MergeKey = "<<";

    /// <summary>The file's content; an empty file is an empty map.</summary>
    /// <exception cref="InvalidInputException">It cannot be read, or is no map.</exception>
    public static ConfigNode Read(string path)
    {
        string text = ReadText(path);
        int line = 1;
        try
        {
            RefuseDeepNesting(text, path, ref line);
            YamlStream stream = [];
            using StringReader reader = new(text);
            stream.Load(reader);
            YamlNode? root = stream.Documents.Count == 0 ? null : stream.Documents[0].RootNode;
            int budget = MostNodes;
            ConfigNode node = root is null ? new ConfigNode(path, 1) : Convert(root, path, 0, ref budget);
            return node switch
            {
                { Map: not null } => node,
                { Text: null, Items: null } => new ConfigNode(path, 1) { Map = new Dictionary<string, ConfigNode>() },
                _ => throw Unusable(path, node.Line, "it holds no map of keys and values"),
            };
        }
        catch (YamlException error)
        {
            // The parser's own message may quote the text around, which may be a password.
            throw Unusable(path, (int)error.End.Line, "it is not well-formed YAML, here or just below", error.InnerException);
        }
        catch (Exception error) when (error is InvalidOperationException or ArgumentException or FormatException or OverflowException)
        {
            // YamlDotNet's scanner ends so on some malformed text instead of with an exception of its own.
            throw Unusable(path, line, "it is not well-formed YAML, here or just below", error);
        }
    }

    // Nodes are built by recursion, events are not: so the depth is known before the stack is in danger.
    private static void RefuseDeepNesting(string text, string path, ref int line)
    {
        using StringReader reader = new(text);
        Parser parser = new(reader);
        int depth = 0;
        while (parser.MoveNext())
        {
            depth += parser.Current!.NestingIncrease;
            line = (int)parser.Current.Start.Line;
            if (depth > DeepestNesting)
            {
                throw TooDeep(path, line);
            }
        }
    }

    private static string ReadText(string path)
    {
        try
        {
            using FileStream stream = File.OpenRead(path);
            if (stream.Length > LargestFile)
            {
                throw Unusable(path, 0, "it is larger than 4 MiB");
            }

            using StreamReader reader = new(stream, new UTF8Encoding(false, throwOnInvalidBytes: true));
            return reader.ReadToEnd();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw Unusable(path, 0, error.Message, error);
        }
        catch (DecoderFallbackException error)
        {
            throw Unusable(path, 0, "it is not UTF-8", error);
        }
    }

    private static ConfigNode Convert(YamlNode node, string path, int depth, ref int budget)
    {
        int line = (int)node.Start.Line;
        if (depth > DeepestNesting || --budget < 0)
        {
            throw TooDeep(path, line);
        }

        switch (node)
        {
            case YamlMappingNode map:
                return ConvertMap(map, path, depth, ref budget);
            case YamlSequenceNode list:
                List<ConfigNode> items = [];
                foreach (YamlNode item in list)
                {
                    items.Add(Convert(item, path, depth + 1, ref budget));
                }

                return new ConfigNode(path, line) { Items = items };
            case YamlScalarNode scalar:
                return new ConfigNode(path, line) { Text = IsNull(scalar) ? null : scalar.Value };
            default:
                throw Unusable(path, line, "it holds something that is neither text, list nor map");
        }
    }

    private static ConfigNode ConvertMap(YamlMappingNode map, string path, int depth, ref int budget)
    {
        Dictionary<string, ConfigNode> entries = new(StringComparer.Ordinal);
        List<ConfigNode> bases = [];
        foreach ((YamlNode key, YamlNode value) in map.Children)
        {
            if (key is not YamlScalarNode { Value: { } name })
            {
                throw Unusable(path, (int)key.Start.Line, "a key is not text");
            }

            ConfigNode converted = Convert(value, path, depth + 1, ref budget);
            if (name == MergeKey)
            {
                bases.AddRange(converted.Items ?? [converted]);
            }
            else
            {
                entries[name] = converted;
            }
        }

        // What YAML 1.1 merges in ("<<: *defaults") gives way to the map's own keys, and earlier bases win over later ones.
        foreach (ConfigNode below in bases)
        {
            foreach ((string name, ConfigNode value) in below.Map ?? new Dictionary<string, ConfigNode>())
            {
                entries.TryAdd(name, value);
            }
        }

        return new ConfigNode(path, (int)map.Start.Line) { Map = entries };
    }

    private static bool IsNull(YamlScalarNode scalar)
        => scalar.Style == ScalarStyle.Plain && scalar.Value is null or "" or "~" or "null" or "Null" or "NULL";

    private static InvalidInputException TooDeep(string path, int line)
        => Unusable(path, line, "it is nested too deep or refers to itself too often");

    private static InvalidInputException Unusable(string path, int line, string reason, Exception? cause = null) => new(
        ErrorIds.ConfigurationInvalid,
        $"The file '{path}' cannot be used{(line > 0 ? $" (line {line})" : string.Empty)}: {reason}",
        nextStep: "Correct the file; https://docs.openstack.org/openstacksdk has the format of clouds.yaml.",
        cause: cause);
}
