using System.Text.Json;

namespace ImageCache.Cli.Commands;

/// <summary>The methods as the command line writes them: <c>rbd-export</c> for <c>RbdExport</c>.</summary>
internal static class MethodWords
{
    public static IReadOnlyList<string> All { get; } = Array.ConvertAll(Enum.GetNames<FetchMethod>(), JsonNamingPolicy.KebabCaseLower.ConvertName);

    /// <summary>Reads a word in either spelling; case does not matter.</summary>
    public static FetchMethod? Parse(string word)
    {
        string plain = Plain(word);
        foreach (FetchMethod method in Enum.GetValues<FetchMethod>())
        {
            if (Plain(method.ToString()) == plain)
            {
                return method;
            }
        }

        return null;
    }

    private static string Plain(string word) => word.Replace("-", string.Empty, StringComparison.Ordinal).ToUpperInvariant();
}
