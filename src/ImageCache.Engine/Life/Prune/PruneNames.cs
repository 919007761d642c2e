using System.Globalization;
using System.Text.RegularExpressions;
using ImageCache.Engine.Store;

namespace ImageCache.Engine.Life.Prune;

/// <summary>
/// What the names in a cache mean: nova's (nova/virt/libvirt/imagecache.py, _scan_base_images, and images.py, fetch_to_raw) and ours. A
/// name that is almost one of these is none.
/// </summary>
internal static partial class PruneNames
{
    /// <summary>What a name in <c>_base</c> means, and the base image that it tells of.</summary>
    public static (PruneKind Kind, string? BaseName) InBase(string name)
    {
        if (CacheLayout.IsBaseName(name))
        {
            return (PruneKind.BaseImage, name);
        }

        string? image = name.Length > 40 && CacheLayout.IsBaseName(name[..40]) ? name[..40] : null;
        return name switch
        {
            _ when image is not null && name.Length == 45 && name.EndsWith(".part", StringComparison.Ordinal) => (PruneKind.Part, image),
            _ when image is not null && name.Length == 50 && name.EndsWith(".converted", StringComparison.Ordinal) => (PruneKind.Converted, image),
            _ when image is not null && Resized().IsMatch(name) => (PruneKind.LegacyResized, image),
            _ when Swap().IsMatch(name) => (PruneKind.Swap, null),
            _ when Ephemeral().IsMatch(name) => (PruneKind.Ephemeral, null),
            _ => (PruneKind.Unknown, null),
        };
    }

    /// <summary>The base image of a target; <see langword="null"/> when it is none.</summary>
    public static string? BaseOfTarget(string name) => Target().IsMatch(name) ? name[..40] : null;

    /// <summary>The base image of what was set aside, and when that was.</summary>
    /// <returns>None when the name is not one that is given to what is set aside.</returns>
    public static (string BaseName, DateTimeOffset Since)? InQuarantine(string name)
        => Aside().Match(name) is { Success: true } match
            && DateTime.TryParseExact(
                match.Groups["time"].Value, "yyyyMMdd'T'HHmmssfff", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out DateTime time)
            ? (name[..40], new DateTimeOffset(time))
            : null;

    [GeneratedRegex(@"\A[0-9a-f]{40}_([0-9]{1,20}|sm)\z", RegexOptions.CultureInvariant)]
    private static partial Regex Resized();

    [GeneratedRegex(@"\Aswap_[0-9]{1,20}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Swap();

    [GeneratedRegex(@"\Aephemeral_[0-9]{1,20}_[0-9A-Za-z]{7}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Ephemeral();

    [GeneratedRegex(@"\A[0-9a-f]{40}\.[1-9][0-9]{0,18}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Target();

    [GeneratedRegex(@"\A[0-9a-f]{40}\.(?<time>[0-9]{8}T[0-9]{9})(\.unused)?(\.json)?\z", RegexOptions.CultureInvariant)]
    private static partial Regex Aside();
}
