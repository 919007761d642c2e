using ImageCache.Engine.OpenStack.Http;

namespace ImageCache.Engine.OpenStack.Clouds;

/// <summary>
/// Chooses a cloud: the one named, else OS_CLOUD's, else that of the other OS_* variables, else the only entry. Environment
/// variables never change a named entry. Source: openstacksdk, "Configuring OpenStack SDK Applications".
/// </summary>
internal sealed class CloudsYaml(EngineOptions options, CloudFiles files)
{
    public CloudsYaml(EngineOptions options)
        : this(options, new CloudFiles(options))
    {
    }

    /// <summary>The names of the clouds that can be chosen.</summary>
    /// <exception cref="InvalidInputException">A file cannot be read.</exception>
    public IReadOnlyList<string> Names()
    {
        IEnumerable<string> names = ReadClouds().Map!.Keys;
        return [.. CloudEnvironment.Read(options) is null ? names : names.Append(CloudEnvironment.Name(options))];
    }

    /// <summary>The cloud that a name, the variables or the files choose.</summary>
    /// <param name="name">The entry's name, when the user gave one.</param>
    /// <exception cref="InvalidInputException">There is no such cloud, or its entry cannot be used.</exception>
    public CloudConfiguration Choose(string? name)
    {
        ConfigNode clouds = ReadClouds();
        ConfigNode? environment = CloudEnvironment.Read(options);
        string environmentName = CloudEnvironment.Name(options);
        string chosen = name ?? NonEmpty("OS_CLOUD") ?? (environment is null ? OnlyEntry(clouds) : environmentName);
        if (clouds[chosen] is not { } entry)
        {
            return environment is not null && chosen == environmentName
                ? Finish(chosen, environment)
                : throw NoSuchCloud(chosen, clouds);
        }

        return environment is not null && chosen == environmentName && name is null && NonEmpty("OS_CLOUD") is null
            ? throw new InvalidInputException(
                ErrorIds.CloudNotConfigured,
                Redactor.Printable($"The OS_* variables describe a cloud named '{chosen}', and so does {entry.Position}."),
                nextStep: "Name the cloud (OS_CLOUD), or give the variables' cloud another name (OS_CLOUD_NAME).")
            : Finish(chosen, entry);
    }

    private CloudConfiguration Finish(string name, ConfigNode entry)
    {
        if (entry.Map is null)
        {
            throw Unusable(Redactor.Printable($"The cloud '{name}' ({entry.Position}) is not a map of keys and values."));
        }

        ConfigNode whole = CloudRegion.Select(name, WithProfile(name, entry), NonEmpty("OS_REGION_NAME"));
        return new CloudReader(name, entry.Position, whole, options).Read();
    }

    private ConfigNode ReadClouds()
    {
        ConfigNode clouds = Section(files.Clouds, "clouds");
        return clouds.Under(Section(files.Secure, "clouds"));
    }

    private static ConfigNode Section(string? path, string key)
    {
        ConfigNode? section = path is null ? null : ConfigFile.Read(path)[key];
        return section switch
        {
            { Map: not null } => section,
            null or { Text: null, Items: null } => new ConfigNode(path ?? "nowhere", 0) { Map = new Dictionary<string, ConfigNode>() },
            _ => throw Unusable($"The key '{key}' ({section.Position}) is not a map."),
        };
    }

    private ConfigNode WithProfile(string name, ConfigNode entry)
    {
        if ((entry["profile"] ?? entry["cloud"]) is not { Text: { Length: > 0 } profile } node)
        {
            return entry;
        }

        ConfigNode profiles = Section(files.Public, "public-clouds");
        if (profiles[profile] is not { Map: not null } below)
        {
            throw new InvalidInputException(
                ErrorIds.CloudNotConfigured,
                Redactor.Printable($"The cloud '{name}' builds on the profile '{profile}' ({node.Position}), which no clouds-public.yaml has; ImageCache brings no vendor profiles."),
                nextStep: $"Write the profile under 'public-clouds' into clouds-public.yaml beside clouds.yaml, or its keys (auth_url, region_name, …) into the entry.");
        }

        return below.Under(entry.Without("profile", "cloud"));
    }

    private string OnlyEntry(ConfigNode clouds)
    {
        if (clouds.Map!.Count == 1)
        {
            return clouds.Map.Keys.First();
        }

        throw clouds.Map.Count == 0
            ? new InvalidInputException(
                ErrorIds.CloudNotConfigured,
                $"No cloud is configured: there is no clouds.yaml with an entry in {string.Join(", ", files.Directories)}, and no OS_AUTH_URL in the environment.",
                nextStep: "Write a clouds.yaml (OpenStack's dashboard offers it for download), or set the OS_* variables.")
            : new InvalidInputException(
                ErrorIds.CloudNotConfigured,
                Redactor.Printable($"Several clouds are configured in {files.Clouds ?? files.Secure}, and none is chosen: {Listed(clouds)}."),
                nextStep: "Name one: -Cloud, --cloud, OS_CLOUD, or the key 'cloud' of imagecache.yaml.");
    }

    private InvalidInputException NoSuchCloud(string name, ConfigNode clouds)
    {
        string where = files.Clouds is { } path ? $"{path} has {(clouds.Map!.Count == 0 ? "none" : Listed(clouds))}"
            : $"there is no clouds.yaml in {string.Join(", ", files.Directories)}";
        return new InvalidInputException(
            ErrorIds.CloudNotConfigured,
            Redactor.Printable($"The cloud '{name}' is not configured: {where}."),
            nextStep: "Correct the name (-Cloud, --cloud, OS_CLOUD), or add the entry.");
    }

    private static string Listed(ConfigNode clouds)
    {
        const int Most = 20;
        string names = string.Join(", ", clouds.Map!.Keys.Order(StringComparer.Ordinal).Take(Most));
        return clouds.Map.Count > Most ? names + ", …" : names;
    }

    private static InvalidInputException Unusable(string message)
        => new(ErrorIds.ConfigurationInvalid, message, nextStep: "Correct the entry in clouds.yaml.");

    private string? NonEmpty(string variable) => options.Environment.GetValueOrDefault(variable) is { Length: > 0 } value ? value : null;
}
