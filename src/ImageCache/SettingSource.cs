namespace ImageCache;

/// <summary>Where a setting came from; an earlier one wins.</summary>
public enum SettingSource
{
    /// <summary>A parameter or option.</summary>
    Parameter,

    /// <summary>An environment variable.</summary>
    Environment,

    /// <summary>imagecache.yaml.</summary>
    ConfigurationFile,

    /// <summary>nova.conf.</summary>
    NovaConf,

    /// <summary>Built in.</summary>
    Default,
}
