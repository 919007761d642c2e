using System.Text.RegularExpressions;

namespace ImageCache.Engine.OpenStack.Volumes;

/// <summary>
/// Addresses below Cinder's root, however the catalog writes it: with or without a version, and with or without the project, which
/// the API wants in its paths before microversion 3.67.
/// </summary>
internal sealed partial class CinderEndpoint
{
    private readonly string _root;
    private readonly string _project;

    public CinderEndpoint(Uri endpoint, string? projectId)
    {
        Match match = VersionAndProject().Match(endpoint.AbsoluteUri.TrimEnd('/'));
        _root = match.Groups["root"].Value.TrimEnd('/');
        string project = match.Groups["project"].Value;
        project = project.Length > 0 ? project : Uri.EscapeDataString(projectId ?? string.Empty);
        _project = project.Length > 0 ? "/" + project : string.Empty;
    }

    /// <summary>Lists the versions, with status 300.</summary>
    public Uri Root => new(_root + "/");

    /// <summary>Lists the versions, with status 200; to those with a token only.</summary>
    public Uri Version3 => new(_root + "/v3/");

    public Uri Volumes => At("volumes");

    public Uri Attachments => At("attachments");

    public Uri VolumeList(string query) => At($"volumes/detail?{query}");

    public Uri Volume(string id) => At($"volumes/{Uri.EscapeDataString(id)}");

    public Uri Messages(string volumeId) => At($"messages?resource_uuid={Uri.EscapeDataString(volumeId)}");

    public Uri AttachmentList(string query) => At($"attachments/detail?{query}");

    public Uri Attachment(string id) => At($"attachments/{Uri.EscapeDataString(id)}");

    public Uri AttachmentAction(string id) => At($"attachments/{Uri.EscapeDataString(id)}/action");

    [GeneratedRegex(@"^(?<root>.*?)(/v[1-3](\.[0-9]+)?(/(?<project>[^/]+))?)?$", RegexOptions.CultureInvariant)]
    private static partial Regex VersionAndProject();

    private Uri At(string path) => new($"{_root}/v3{_project}/{path}");
}
