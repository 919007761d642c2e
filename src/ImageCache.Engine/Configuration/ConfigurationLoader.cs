namespace ImageCache.Engine.Configuration;

/// <summary>
/// Makes the configuration in force: parameters, then the environment, then imagecache.yaml, then nova.conf, then the defaults. Every level
/// but nova.conf is checked whole, so that a wrong value is told even where a stronger level hides it.
/// </summary>
internal static class ConfigurationLoader
{
    private const string PathVariable = "IMAGECACHE_CONFIGURATION_PATH";

    /// <summary>Reads the configuration from where it lies on this machine.</summary>
    /// <exception cref="InvalidInputException">A file that was named is missing, or some setting cannot be used.</exception>
    public static ImageCacheConfiguration Load(EngineOptions options) => Load(options, new ConfigurationLocations());

    /// <summary>Reads the configuration, looking for files in the places given.</summary>
    /// <exception cref="InvalidInputException">A file that was named is missing, or some setting cannot be used.</exception>
    public static ImageCacheConfiguration Load(EngineOptions options, ConfigurationLocations locations)
    {
        SettingLayers layers = new([FromParameters(options), FromEnvironment(options), FromYaml(options, locations)], NovaConf.None);
        Check(layers);
        (IReadOnlyList<string> novaPaths, NovaConf nova) = ReadNovaConf(layers, locations);

        layers = layers with { Nova = nova };
        return SettingTable.All.Aggregate(
            SettingTable.Defaults with { NovaConfPaths = novaPaths },
            (configuration, definition) => definition.Apply(configuration, layers));
    }

    private static Dictionary<string, RawSetting> FromParameters(EngineOptions options)
    {
        Dictionary<string, RawSetting> settings = new(StringComparer.Ordinal);
        foreach ((string name, string value) in options.Settings)
        {
            if (SettingTable.Find(name) is null)
            {
                throw ConfigurationErrors.UnknownName("Parameters", name, SettingTable.Names);
            }

            settings[name] = Parameter(name, value);
        }

        if (options.CachePath is { } cachePath)
        {
            settings[SettingTable.CachePathName] = Parameter(SettingTable.CachePathName, cachePath);
        }

        if (options.Cloud is { } cloud)
        {
            settings[SettingTable.CloudName] = Parameter(SettingTable.CloudName, cloud);
        }

        return settings;

        RawSetting Parameter(string name, string value) => new([value], false, SettingSource.Parameter, name, options.WorkingDirectory);
    }

    /// <summary>A variable without a value is as if it were not there.</summary>
    private static Dictionary<string, RawSetting> FromEnvironment(EngineOptions options)
    {
        Dictionary<string, RawSetting> settings = new(StringComparer.Ordinal);
        foreach (SettingDefinition definition in SettingTable.All)
        {
            if (definition.Variables.FirstOrDefault(name => Variable(options, name) is not null) is { } variable)
            {
                settings[definition.Name] = Setting([Variable(options, variable)!], variable);
            }
        }

        // Who has sourced an openrc file has chosen that cloud; one named in imagecache.yaml must not win over it.
        if (!settings.ContainsKey(SettingTable.CloudName) && Variable(options, "OS_AUTH_URL") is not null)
        {
            settings[SettingTable.CloudName] = Setting([], "OS_AUTH_URL");
        }

        return settings;

        RawSetting Setting(string[] values, string variable) => new(values, false, SettingSource.Environment, variable, options.WorkingDirectory);
    }

    private static IReadOnlyDictionary<string, RawSetting> FromYaml(EngineOptions options, ConfigurationLocations locations)
    {
        (string path, string text)? file = options.ConfigurationPath is { } parameter
            ? ReadNamed(parameter, options.WorkingDirectory, "the configuration file named by parameter")
            : Variable(options, PathVariable) is { } variable
                ? ReadNamed(variable, options.WorkingDirectory, $"the configuration file named by {PathVariable}")
                : FirstPresent(options, locations);
        return file is { } found
            ? ImageCacheYaml.Parse(found.path, found.text, options.WorkingDirectory, SettingTable.Names)
            : new Dictionary<string, RawSetting>();
    }

    private static (string Path, string Text) ReadNamed(string path, string workingDirectory, string what)
    {
        if (path.Length == 0 || path.Contains('\0', StringComparison.Ordinal))
        {
            throw ConfigurationErrors.Invalid($"The path of {what} is empty or holds a NUL.");
        }

        string full = Path.GetFullPath(path, workingDirectory);
        string text = ConfigurationFile.TryRead(full, ImageCacheYaml.MaximumLength)
            ?? throw ConfigurationErrors.Invalid($"{full} does not exist: {what}.");
        return (full, text);
    }

    private static (string Path, string Text)? FirstPresent(EngineOptions options, ConfigurationLocations locations)
    {
        foreach (string path in new[] { UserFile(options), locations.SystemFile }.OfType<string>())
        {
            if (ConfigurationFile.TryRead(path, ImageCacheYaml.MaximumLength) is { } text)
            {
                return (path, text);
            }
        }

        return null;
    }

    /// <summary>By the XDG Base Directory Specification, which has relative paths ignored.</summary>
    private static string? UserFile(EngineOptions options)
    {
        string? home = Variable(options, "HOME");
        string? directory = Variable(options, "XDG_CONFIG_HOME") is { } xdg && Path.IsPathRooted(xdg) ? xdg : home is null ? null : Path.Join(home, ".config");
        return directory is null ? null : Path.Join(directory, ConfigurationLocations.UserFile);
    }

    private static void Check(SettingLayers layers)
    {
        foreach (IReadOnlyDictionary<string, RawSetting> level in layers.Levels)
        {
            foreach ((string name, RawSetting raw) in level)
            {
                SettingTable.Find(name)?.Check(raw);
            }
        }
    }

    private static (IReadOnlyList<string> Paths, NovaConf Nova) ReadNovaConf(SettingLayers layers, ConfigurationLocations locations)
    {
        const string Step = "Run as a user who may read it, name another with nova_conf, or set nova_conf to none.";
        RawSetting? named = layers.Find(SettingTable.NovaConfName);
        List<(string Path, string Text)> files = [];
        foreach (string path in named is null ? locations.NovaConf : SettingFormats.Paths.Parse(named))
        {
            if (ConfigurationFile.TryRead(path, NovaConf.MaximumLength, Step) is { } text)
            {
                files.Add((path, text));
            }
            else if (named is not null)
            {
                throw ConfigurationErrors.Invalid($"{named.Origin}: {path} does not exist.");
            }
        }

        return (files.ConvertAll(static file => file.Path), NovaConf.Parse(files));
    }

    private static string? Variable(EngineOptions options, string name)
        => options.Environment.TryGetValue(name, out string? value) && value.Length > 0 ? value : null;
}
