namespace ImageCache.Engine.Configuration;

/// <summary>
/// Sizes as people write them. KB, MB, GB, TB, PB are powers of 1000 (SI); KiB … PiB and bare K … P are powers of 1024 (IEC 80000-13,
/// and the bare letters as qemu-img and coreutils read them). Case does not matter.
/// </summary>
internal static class ByteSize
{
    private const string Prefixes = "KMGTP";

    /// <summary>Reads <c>52428800</c>, <c>50MiB</c>, <c>1.5 G</c>, <c>2GB</c>.</summary>
    public static bool TryParse(string text, out long bytes)
    {
        bytes = 0;
        return Quantity.TryParse(text, out Quantity quantity)
            && Worth(quantity.Unit) is { } worth
            && quantity.TryScale(worth, out bytes);
    }

    private static long? Worth(ReadOnlySpan<char> unit)
    {
        if (unit.IsEmpty || unit.Equals("B", StringComparison.OrdinalIgnoreCase))
        {
            return 1;
        }

        int power = Prefixes.IndexOf(char.ToUpperInvariant(unit[0]), StringComparison.Ordinal) + 1;
        ReadOnlySpan<char> rest = unit[1..];
        bool isDecimal = rest.Equals("B", StringComparison.OrdinalIgnoreCase);
        bool isBinary = rest.IsEmpty || rest.Equals("iB", StringComparison.OrdinalIgnoreCase);
        if (power == 0 || !(isDecimal || isBinary))
        {
            return null;
        }

        return Enumerable.Range(0, power).Aggregate(1L, (worth, _) => worth * (isDecimal ? 1000 : 1024));
    }
}
