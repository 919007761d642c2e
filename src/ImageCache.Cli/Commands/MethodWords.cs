using System.CommandLine;

namespace ImageCache.Cli.Commands;

/// <summary>The methods as the command line writes them: <c>rbd-export</c> for <c>RbdExport</c>.</summary>
internal static class MethodWords
{
    public static IReadOnlyList<string> All { get; } = [.. Enum.GetValues<FetchMethod>().Select(Write)];

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

    private static string Write(FetchMethod method)
        => string.Concat(method.ToString().Select(static (c, i) => char.IsAsciiLetterUpper(c) && i > 0 ? $"-{char.ToLowerInvariant(c)}" : $"{char.ToLowerInvariant(c)}"));

    private static string Plain(string word) => word.Replace("-", string.Empty, StringComparison.Ordinal).ToUpperInvariant();

    /// <summary>The option that names a method.</summary>
    public static Option<FetchMethod?> Option(string description = "How to fetch; auto takes the first that applies.") => new("--method")
    {
        HelpName = string.Join('|', All),
        Description = description,
        CustomParser = static result =>
        {
            string word = result.Tokens[0].Value;
            FetchMethod? method = Parse(word);
            if (method is null)
            {
                result.AddError($"--method takes {string.Join(", ", All)}, not '{word}'.");
            }

            return method;
        },
    };
}
