using System.Text.RegularExpressions;

namespace ImageCache.Engine.OpenStack.KeyManager;

/// <summary>Addresses below Barbican's root, however the catalog writes it: with or without a version, with or without a path.</summary>
internal sealed partial class BarbicanEndpoint
{
    private readonly string _root;

    public BarbicanEndpoint(Uri endpoint)
    {
        _root = VersionAtEnd().Replace(endpoint.AbsoluteUri.TrimEnd('/'), string.Empty).TrimEnd('/');
    }

    public Uri Secret(string id) => new($"{_root}/v1/secrets/{Uri.EscapeDataString(id)}");

    public Uri Payload(string id) => new($"{_root}/v1/secrets/{Uri.EscapeDataString(id)}/payload");

    [GeneratedRegex(@"/v1(\.[0-9]+)?$", RegexOptions.CultureInvariant)]
    private static partial Regex VersionAtEnd();
}
