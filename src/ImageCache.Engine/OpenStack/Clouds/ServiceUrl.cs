namespace ImageCache.Engine.OpenStack.Clouds;

/// <summary>URLs of services, as configuration and catalogs give them.</summary>
internal static class ServiceUrl
{
    /// <summary>The URL if it is absolute, http or https, and holds neither user information nor query.</summary>
    public static Uri? TryParse(string text)
        => Uri.TryCreate(text.Trim(), UriKind.Absolute, out Uri? url)
            && (url.Scheme == Uri.UriSchemeHttp || url.Scheme == Uri.UriSchemeHttps)
            && url.UserInfo.Length == 0 && url.Query.Length == 0 && url.Fragment.Length == 0
            ? url
            : null;

    /// <summary>A URL below another, whatever its trailing slash.</summary>
    public static Uri Append(Uri root, string path) => new(root.AbsoluteUri.TrimEnd('/') + "/" + path);
}
