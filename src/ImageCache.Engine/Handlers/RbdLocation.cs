using System.Diagnostics.CodeAnalysis;

namespace ImageCache.Engine.Handlers;

/// <summary>
/// Where Glance's rbd store put an image: <c>rbd://fsid/pool/image/snapshot</c>, each part percent-encoded by itself
/// (glance_store/_drivers/rbd.py, StoreLocation). Split by hand: System.Uri would take the fsid for a host.
/// </summary>
/// <param name="Fsid">The cluster.</param>
/// <param name="Pool">The pool.</param>
/// <param name="Image">The RBD image.</param>
/// <param name="Snapshot">Its snapshot.</param>
internal sealed record RbdLocation(string Fsid, string Pool, string Image, string Snapshot)
{
    private const string Scheme = "rbd://";
    private const int LongestPart = 1024;

    /// <summary>Whether a location is one of the rbd store's, well-formed or not.</summary>
    public static bool IsRbd(string url) => url.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase);

    /// <summary>Reads a location.</summary>
    /// <param name="url">The location.</param>
    /// <param name="location">What it says.</param>
    /// <param name="reason">Why it cannot be used.</param>
    public static bool TryParse(string url, [NotNullWhen(true)] out RbdLocation? location, [NotNullWhen(false)] out string? reason)
    {
        location = null;
        string[] parts = IsRbd(url) ? url[Scheme.Length..].Split('/') : [];
        reason = parts.Length switch
        {
            0 => "it is no rbd:// URL",
            1 => "it has the old short form without cluster, pool and snapshot, so that nothing proves which image is meant",
            4 => null,
            _ => "it has not the four parts cluster, pool, image and snapshot",
        };
        if (reason is not null)
        {
            return false;
        }

        string?[] decoded = [.. parts.Select(Decode)];
        if (decoded is not [{ } fsid, { } pool, { } image, { } snapshot])
        {
            reason = "one of its parts is empty, too long or wrongly encoded";
            return false;
        }

        location = new RbdLocation(fsid, pool, image, snapshot);
        return true;
    }

    /// <summary>As messages have it.</summary>
    public override string ToString() => $"{Pool}/{Image}@{Snapshot}";

    private static string? Decode(string part) => part.Length > LongestPart ? null : PercentEncoding.Decode(part);
}
