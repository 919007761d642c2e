namespace ImageCache.Module.Binding;

/// <summary>A word as the user began it: the quote, if any, and what was typed after it.</summary>
/// <param name="Quote">The opening quote, or nothing.</param>
/// <param name="Beginning">What was typed.</param>
internal readonly record struct CompletionText(char? Quote, string Beginning)
{
    /// <summary>The quotes that PowerShell's parser takes for single ones.</summary>
    private const string SingleQuotes = "'\u2018\u2019\u201a\u201b";

    /// <summary>The quotes that PowerShell's parser takes for double ones.</summary>
    private const string DoubleQuotes = "\"\u201c\u201d\u201e";

    /// <summary>Characters that do not end or change a bare word.</summary>
    private const string Bare = "-_./:+=*?[]\\";

    public static CompletionText Parse(string? word)
    {
        if (string.IsNullOrEmpty(word))
        {
            return new CompletionText(null, string.Empty);
        }

        char first = word[0];
        char? quote = SingleQuotes.Contains(first, StringComparison.Ordinal) ? '\''
            : DoubleQuotes.Contains(first, StringComparison.Ordinal) ? '"'
            : null;
        return quote is null
            ? new CompletionText(null, word)
            : new CompletionText(quote, word.Length > 1 && word[^1] == first ? word[1..^1] : word[1..]);
    }

    /// <summary>Writes a value with the quote the user began, or with quotes only where it needs them.</summary>
    public string Write(string value) => Quote switch
    {
        '"' => $"\"{EscapeDouble(value)}\"",
        null when value.Length > 0 && value[0] is not '-' && value.All(static c => char.IsLetterOrDigit(c) || Bare.Contains(c, StringComparison.Ordinal)) => value,
        _ => $"'{Double(value, SingleQuotes)}'",
    };

    private static string EscapeDouble(string value)
        => Double(value.Replace("`", "``", StringComparison.Ordinal).Replace("$", "`$", StringComparison.Ordinal), DoubleQuotes);

    private static string Double(string value, string quotes)
        => string.Concat(value.Select(c => quotes.Contains(c, StringComparison.Ordinal) ? $"{c}{c}" : $"{c}"));
}
