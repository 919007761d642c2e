namespace ImageCache.Engine.Configuration;

/// <summary>Finds what a mistyped name was meant to be.</summary>
internal static class NearestName
{
    private const int LongestName = 64;

    /// <summary>The known name with the fewest edits, when there are few enough for it to be a slip.</summary>
    public static string? Find(string name, IEnumerable<string> known)
    {
        if (name.Length is 0 or > LongestName)
        {
            return null;
        }

        string plain = Plain(name);
        (string? best, int distance) = known
            .Select(candidate => ((string?)candidate, Distance(plain, Plain(candidate))))
            .MinBy(static pair => pair.Item2);
        return best is not null && distance <= Math.Max(1, best.Length / 3) ? best : null;
    }

    private static string Plain(string name) => name.Replace('-', '_').ToUpperInvariant().Replace("_", string.Empty, StringComparison.Ordinal);

    /// <summary>Levenshtein's distance, one row at a time.</summary>
    private static int Distance(string a, string b)
    {
        int[] row = [.. Enumerable.Range(0, b.Length + 1)];
        for (int i = 1; i <= a.Length; i++)
        {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.Length; j++)
            {
                int replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(replaced, Math.Min(row[j], row[j - 1]) + 1);
            }
        }

        return row[b.Length];
    }
}
