using ImageCache.Engine.Store;

namespace ImageCache.Engine.Life.Usage;

/// <summary>
/// The names that nova and we give to files of a cache. A cache may be reached by several paths, and may have moved: what has such a
/// name counts wherever it is said to lie, as it does with nova. Source: nova/virt/libvirt/imagecache.py, _scan_base_images.
/// </summary>
internal static class CacheFileNames
{
    private const int BaseLength = 40;
    private const int EphemeralHashLength = 7;

    /// <summary>Whether a name is that of a base file, of a resized one, of a target, or of swap or ephemeral space.</summary>
    public static bool IsOne(ReadOnlySpan<char> name)
    {
        if (name.Length >= BaseLength && IsHexadecimal(name[..BaseLength]))
        {
            ReadOnlySpan<char> rest = name[BaseLength..];
            return rest.IsEmpty || rest is "_sm" || ((rest[0] is '_' or '.') && IsNumber(rest[1..]));
        }

        return (name.StartsWith("swap_") && IsNumber(name["swap_".Length..])) || IsEphemeral(name);
    }

    /// <summary>The base file that a target is made on, by its name.</summary>
    /// <returns><see langword="null"/> when it is no target's name.</returns>
    public static string? BaseOfTarget(string name)
        => name.Length > BaseLength + 1 && name[BaseLength] == '.' && IsNumber(name.AsSpan(BaseLength + 1)) && CacheLayout.IsBaseName(name[..BaseLength])
            ? name[..BaseLength]
            : null;

    private static bool IsEphemeral(ReadOnlySpan<char> name)
    {
        const string Prefix = "ephemeral_";
        if (!name.StartsWith(Prefix))
        {
            return false;
        }

        ReadOnlySpan<char> rest = name[Prefix.Length..];
        int end = rest.IndexOf('_');
        return end > 0 && IsNumber(rest[..end]) && rest.Length - end - 1 == EphemeralHashLength;
    }

    private static bool IsNumber(ReadOnlySpan<char> text) => !text.IsEmpty && !text.ContainsAnyExceptInRange('0', '9');

    private static bool IsHexadecimal(ReadOnlySpan<char> text)
    {
        foreach (char c in text)
        {
            if (!char.IsAsciiHexDigitLower(c))
            {
                return false;
            }
        }

        return true;
    }
}
