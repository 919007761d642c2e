using ImageCache.Engine.Trust;

namespace ImageCache.Engine.Sources;

/// <summary>
/// SHA256SUMS and the like, in the forms that coreutils writes: <c>hex  name</c>, <c>hex *name</c> and, with --tag,
/// <c>SHA256 (name) = hex</c>.
/// </summary>
internal static class ChecksumFile
{
    /// <summary>Finds the digest of a file by its name, with or without a leading directory.</summary>
    public static ImageDigest? Find(string text, string fileName)
    {
        foreach (string line in text.Split('\n'))
        {
            if (Parse(line.Trim()) is { } entry && Path.GetFileName(entry.Name) == fileName)
            {
                return entry.Digest;
            }
        }

        return null;
    }

    private static (ImageDigest Digest, string Name)? Parse(string line)
    {
        if (line.Length == 0 || line[0] == '#')
        {
            return null;
        }

        int open = line.IndexOf(" (", StringComparison.Ordinal);
        int close = line.LastIndexOf(") = ", StringComparison.Ordinal);
        if (open > 0 && close > open)
        {
            return ImageDigest.TryParse($"{line[..open]}:{line[(close + 4)..]}", out ImageDigest? tagged)
                ? (tagged.Value, line[(open + 2)..close])
                : null;
        }

        int space = line.IndexOf(' ', StringComparison.Ordinal);
        if (space <= 0 || AlgorithmOf(space) is not { } algorithm)
        {
            return null;
        }

        return ImageDigest.TryParse($"{algorithm}:{line[..space]}", out ImageDigest? plain)
            ? (plain.Value, line[space..].TrimStart(' ', '*'))
            : null;
    }

    private static string? AlgorithmOf(int hexLength) => hexLength switch
    {
        32 => "md5",
        64 => "sha256",
        96 => "sha384",
        128 => "sha512",
        _ => null,
    };
}
