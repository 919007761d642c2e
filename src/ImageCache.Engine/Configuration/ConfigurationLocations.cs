namespace ImageCache.Engine.Configuration;

/// <summary>Where configuration files are looked for when nobody names them.</summary>
internal sealed record ConfigurationLocations
{
    /// <summary>The file below a user's configuration directory.</summary>
    public const string UserFile = "imagecache/imagecache.yaml";

    /// <summary>The machine's imagecache.yaml.</summary>
    public string SystemFile { get; init; } = "/etc/imagecache/imagecache.yaml";

    /// <summary>nova-compute's own files, in the order in which its service reads them.</summary>
    public IReadOnlyList<string> NovaConf { get; init; } = ["/etc/nova/nova.conf", "/etc/nova/nova-compute.conf"];
}
