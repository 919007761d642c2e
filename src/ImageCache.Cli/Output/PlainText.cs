namespace ImageCache.Cli.Output;

/// <summary>Text from elsewhere, made harmless for a terminal: names of images are written by strangers.</summary>
internal static class PlainText
{
    /// <summary>Control characters, and those that turn the direction of writing, become question marks.</summary>
    public static string Of(string text) => text.Any(IsUnsafe) ? string.Concat(text.Select(static c => IsUnsafe(c) ? '?' : c)) : text;

    private static bool IsUnsafe(char c) => char.IsControl(c) || c is (>= '\u202A' and <= '\u202E') or (>= '\u2066' and <= '\u2069') or '\u2028' or '\u2029';
}
