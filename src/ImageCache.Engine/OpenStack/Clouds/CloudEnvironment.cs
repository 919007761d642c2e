namespace ImageCache.Engine.OpenStack.Clouds;

/// <summary>The cloud that the OS_* variables describe: <c>OS_X</c> is the key <c>x</c>.</summary>
internal static class CloudEnvironment
{
    private const string Prefix = "OS_";
    private const string DefaultName = "envvars";

    // These choose or tune; they describe no cloud.
    private static readonly string[] Selectors = ["OS_CLOUD", "OS_CLOUD_NAME", "OS_CLIENT_CONFIG_FILE", "OS_CLIENT_SECURE_FILE"];

    /// <summary>The name under which the variables' cloud can be chosen.</summary>
    public static string Name(EngineOptions options)
        => options.Environment.GetValueOrDefault("OS_CLOUD_NAME") is { Length: > 0 } name ? name : DefaultName;

    /// <summary>The entry, or <see langword="null"/> when no variable says how to authenticate.</summary>
    public static ConfigNode? Read(EngineOptions options)
    {
        Dictionary<string, ConfigNode> entry = new(StringComparer.Ordinal);
        foreach ((string name, string value) in options.Environment)
        {
            if (name.StartsWith(Prefix, StringComparison.Ordinal) && value.Length > 0 && !Selectors.Contains(name))
            {
                entry[name[Prefix.Length..].ToLowerInvariant()] = new ConfigNode($"the variable {name}", 0) { Text = value };
            }
        }

        return entry.Keys.Any(CloudKeys.IsAuthentication)
            ? new ConfigNode("the OS_* variables", 0) { Map = entry }
            : null;
    }
}
