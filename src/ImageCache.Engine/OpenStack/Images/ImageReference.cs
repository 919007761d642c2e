namespace ImageCache.Engine.OpenStack.Images;

/// <summary>What may name an image.</summary>
internal static class ImageReference
{
    private const int Longest = 255;

    /// <summary>Whether the text looks like the ids that Glance makes.</summary>
    public static bool IsUuid(string text) => Guid.TryParseExact(text, "D", out _);

    /// <summary>Whether the text can be an id at all: it must survive as one part of a path.</summary>
    public static bool IsPossibleId(string? text)
        => text is { Length: > 0 and <= Longest } and not ("." or "..") && !text.Any(static character => char.IsControl(character) || character == '/')
            && IsWellFormed(text);

    /// <summary>Whether the text can be a name.</summary>
    public static bool IsPossibleName(string text) => text.Length is > 0 and <= Longest && !text.Any(char.IsControl) && IsWellFormed(text);

    // Half a surrogate pair cannot be sent.
    private static bool IsWellFormed(string text) => !text.Any(char.IsSurrogate) || text.EnumerateRunes().All(static rune => rune.Value != 0xFFFD);
}
