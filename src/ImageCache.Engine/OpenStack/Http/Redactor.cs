using System.Collections.Concurrent;
using System.Text;

namespace ImageCache.Engine.OpenStack.Http;

/// <summary>Makes text from outside fit for messages and logs: without secrets, without control characters, and short.</summary>
internal sealed class Redactor
{
    private const int LongestText = 300;
    private const int ShortestSecret = 4;

    // Shorter values of a query are words such as "true", which a message may need.
    private const int ShortestOfUrl = 8;
    private const string Mask = "***";

    private readonly ConcurrentDictionary<string, byte> _secrets = new(StringComparer.Ordinal);

    /// <summary>Never let this value through from now on.</summary>
    public void Add(Secret? secret)
    {
        if (secret?.Reveal() is { Length: >= ShortestSecret } value)
        {
            _secrets[value] = 0;
        }
    }

    /// <summary>
    /// Never let through what a URL carries beside its place: a presigned URL is a key, and stores repeat the signature that they refuse.
    /// </summary>
    public void Add(Uri url)
    {
        string query = url.Query.TrimStart('?');
        IEnumerable<string> values = query.Split('&').Select(static pair => pair[(pair.IndexOf('=', StringComparison.Ordinal) + 1)..]);
        foreach (string text in values.Append(query).Concat(url.UserInfo.Split(':', 2)).Append(url.UserInfo).Append(url.Fragment.TrimStart('#')))
        {
            foreach (string spelling in new[] { text, Uri.UnescapeDataString(text) }.Where(static text => text.Length >= ShortestOfUrl))
            {
                Add(new Secret(spelling));
            }
        }
    }

    /// <summary>A secret that is not used any more.</summary>
    public void Remove(Secret secret) => _secrets.TryRemove(secret.Reveal(), out _);

    /// <summary>A line of text that somebody else wrote, such as a service's reason.</summary>
    public string Text(string text)
    {
        foreach (string secret in _secrets.Keys.OrderByDescending(static secret => secret.Length))
        {
            text = text.Replace(secret, Mask, StringComparison.Ordinal);
        }

        return Printable(text.Length > LongestText ? string.Concat(text.AsSpan(0, LongestText), "…") : text);
    }

    /// <summary>A URL without user information, query and fragment.</summary>
    public static string Url(Uri url) => url.IsAbsoluteUri ? Url(url.OriginalString) : Printable(url.OriginalString.Split('?', '#')[0]);

    /// <summary>
    /// A URL, of whatever scheme, without user information, query and fragment. Split by hand: the store URLs of Glance
    /// (<c>swift+https://user:key@…</c>, <c>s3://key:secret@…</c>) are not always well-formed, and a key may hold a slash.
    /// </summary>
    public static string Url(string url)
    {
        int colon = url.IndexOf("://", StringComparison.Ordinal);
        if (colon < 0)
        {
            return UrlWithoutAuthority(url);
        }

        string scheme = url[..(colon + 3)];
        string rest = url[(colon + 3)..];
        int query = rest.IndexOfAny(['?', '#']);
        int at = rest.StartsWith('/') ? -1 : rest.LastIndexOf('@');
        if (at >= 0 && query >= 0 && query < at)
        {
            // An @ behind a ? may end a strange key or belong to a query: nothing of it is safe to show.
            return Printable(scheme) + Mask;
        }

        return Printable(scheme + (query < 0 ? rest[(at + 1)..] : rest[(at + 1)..query]));
    }

    // What somebody meant for a URL: anything before an @ may be a password.
    private static string UrlWithoutAuthority(string url)
    {
        int query = url.IndexOfAny(['?', '#']);
        int at = url.LastIndexOf('@');
        return at >= 0 ? Mask : Printable(query < 0 ? url : url[..query]);
    }

    /// <summary>Scheme, host and port: enough to say who did not answer.</summary>
    public static string Host(Uri url) => url.GetComponents(UriComponents.SchemeAndServer, UriFormat.UriEscaped);

    /// <summary>Control characters become spaces.</summary>
    public static string Printable(string text)
    {
        if (!text.Any(IsUnprintable))
        {
            return text;
        }

        StringBuilder clean = new(text.Length);
        foreach (char character in text)
        {
            clean.Append(IsUnprintable(character) ? ' ' : character);
        }

        return clean.ToString();
    }

    // Bidirectional overrides could make a line read other than it is.
    private static bool IsUnprintable(char character)
        => char.IsControl(character) || character is (>= '\u202A' and <= '\u202E') or (>= '\u2066' and <= '\u2069');
}
