namespace ImageCache.Engine.OpenStack.Clouds;

/// <summary>
/// Where cloud configuration is looked for: the working directory, the user's directory, the site's, then /etc/openstack; the
/// first file wins, and files of several directories are never mixed. Source: openstacksdk's configuration documentation.
/// </summary>
internal sealed class CloudFiles(EngineOptions options)
{
    private const string SiteDirectory = "/etc/xdg/openstack";
    private const string SystemDirectory = "/etc/openstack";
    private static readonly string[] Endings = [".yaml", ".yml", ".json"];

    /// <summary>clouds.yaml, or what OS_CLIENT_CONFIG_FILE names.</summary>
    public string? Clouds => Find("clouds", Variable("OS_CLIENT_CONFIG_FILE"));

    /// <summary>secure.yaml, or what OS_CLIENT_SECURE_FILE names.</summary>
    public string? Secure => Find("secure", Variable("OS_CLIENT_SECURE_FILE"));

    /// <summary>clouds-public.yaml: profiles that entries build on.</summary>
    public string? Public => Find("clouds-public", null);

    /// <summary>The directories, in order.</summary>
    public IReadOnlyList<string> Directories { get; init; } = FindDirectories(options);

    private static List<string> FindDirectories(EngineOptions options)
    {
        List<string> directories = [options.WorkingDirectory];
        if (options.Environment.GetValueOrDefault("XDG_CONFIG_HOME") is { Length: > 0 } configHome)
        {
            directories.Add(Path.Combine(configHome, "openstack"));
        }

        // Inside a snap HOME is the snap's own.
        string? home = options.Environment.GetValueOrDefault("SNAP_REAL_HOME") ?? options.Environment.GetValueOrDefault("HOME");
        if (!string.IsNullOrEmpty(home))
        {
            directories.Add(Path.Combine(home, ".config", "openstack"));
        }

        return [.. directories, SiteDirectory, SystemDirectory];
    }

    private string? Variable(string name) => options.Environment.GetValueOrDefault(name) is { Length: > 0 } value ? value : null;

    private string? Find(string name, string? named)
    {
        // A file that was named but is not there is passed over, as OpenStack's own clients do.
        if (named is not null && File.Exists(UserPath.Full(named, options)))
        {
            return UserPath.Full(named, options);
        }

        return Directories.SelectMany(directory => Endings.Select(ending => Path.Combine(directory, name + ending))).FirstOrDefault(File.Exists);
    }
}
