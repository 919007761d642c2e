using System.Text.RegularExpressions;

namespace ImageCache.Engine.OpenStack.Images;

/// <summary>Addresses below Glance's root, however the catalog writes it: with or without a version, with or without a path.</summary>
internal sealed partial class GlanceEndpoint
{
    private readonly string _root;

    public GlanceEndpoint(Uri endpoint)
    {
        _root = VersionAtEnd().Replace(endpoint.AbsoluteUri.TrimEnd('/'), string.Empty).TrimEnd('/');
    }

    /// <summary>Lists the versions, with status 300.</summary>
    public Uri Root => new(_root + "/");

    /// <summary>Lists the versions, with status 200.</summary>
    public Uri Versions => new(_root + "/versions");

    public Uri Images(string query) => new($"{_root}/v2/images?{query}");

    public Uri Image(string id) => new($"{_root}/v2/images/{Uri.EscapeDataString(id)}");

    public Uri Data(string id) => new($"{_root}/v2/images/{Uri.EscapeDataString(id)}/file");

    [GeneratedRegex(@"/v[12](\.[0-9]+)?$", RegexOptions.CultureInvariant)]
    private static partial Regex VersionAtEnd();
}
