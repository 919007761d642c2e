using System.Diagnostics.CodeAnalysis;

namespace ImageCache.Engine.Handlers;

/// <summary>
/// Where Glance's cinder store put an image: <c>cinder://volume</c>, or <c>cinder://store/volume</c> where Glance has several stores
/// (glance_store/_drivers/cinder/store.py, StoreLocation). Split by hand: System.Uri would change the store's case.
/// </summary>
/// <param name="Store">Glance's name of the store, if it has several.</param>
/// <param name="VolumeId">The volume, in lower case.</param>
internal sealed record CinderLocation(string? Store, string VolumeId)
{
    private const string Scheme = "cinder://";
    private const int LongestPart = 1024;

    /// <summary>Whether a location is one of the cinder store's, well-formed or not.</summary>
    public static bool IsCinder(string url) => url.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase);

    /// <summary>Reads a location.</summary>
    /// <param name="url">The location.</param>
    /// <param name="location">What it says.</param>
    /// <param name="reason">Why it cannot be used.</param>
    public static bool TryParse(string url, [NotNullWhen(true)] out CinderLocation? location, [NotNullWhen(false)] out string? reason)
    {
        location = null;
        string[] parts = IsCinder(url) ? url[Scheme.Length..].Split('/') : [];
        reason = parts.Length switch
        {
            0 => "it is no cinder:// URL",
            > 2 => "it has more parts than a store and a volume",
            _ => null,
        };
        if (reason is not null)
        {
            return false;
        }

        string?[] decoded = [.. parts.Select(Decode)];
        if (decoded.Contains(null))
        {
            reason = "one of its parts is empty, too long or wrongly encoded";
            return false;
        }

        if (!Guid.TryParseExact(decoded[^1], "D", out Guid volume))
        {
            reason = "its volume is no UUID";
            return false;
        }

        location = new CinderLocation(decoded.Length == 2 ? decoded[0] : null, volume.ToString("D"));
        return true;
    }

    /// <summary>As messages have it.</summary>
    public override string ToString() => Store is null ? VolumeId : $"{Store}/{VolumeId}";

    private static string? Decode(string part) => part.Length > LongestPart ? null : PercentEncoding.Decode(part);
}
