using System.Text.RegularExpressions;

namespace ImageCache.Engine.OpenStack.Compute;

/// <summary>Addresses below nova's root, however the catalog writes it: with or without a version, and with or without the project.</summary>
internal sealed partial class ComputeEndpoint
{
    private readonly string _root;
    private readonly string _project;

    public ComputeEndpoint(Uri endpoint)
    {
        Match match = VersionAndProject().Match(endpoint.AbsoluteUri.TrimEnd('/'));
        _root = match.Groups["root"].Value.TrimEnd('/');
        _project = match.Groups["project"] is { Length: > 0 } project ? "/" + project.Value : string.Empty;
    }

    /// <summary>Flavors, those that are not public among them where the user may see these.</summary>
    public Uri Flavors(string? marker)
        => new($"{_root}/v2.1{_project}/flavors/detail?is_public=None{(marker is null ? string.Empty : $"&marker={Uri.EscapeDataString(marker)}")}");

    [GeneratedRegex(@"^(?<root>.*?)(/v2(\.[0-9]+)?(/(?<project>[^/]+))?)?$", RegexOptions.CultureInvariant)]
    private static partial Regex VersionAndProject();
}
