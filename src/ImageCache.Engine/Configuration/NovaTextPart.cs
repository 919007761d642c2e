namespace ImageCache.Engine.Configuration;

/// <summary>
/// A piece of an oslo.config value: plain text, or a reference. The syntax is that of Python's string.Template
/// (https://docs.python.org/3/library/string.html#template-strings) with dots allowed in names; <c>$$</c> and <c>\$</c> are a dollar.
/// </summary>
/// <param name="Text">The text, or the name referred to.</param>
/// <param name="IsReference">Whether it is a name.</param>
internal readonly record struct NovaTextPart(string Text, bool IsReference)
{
    /// <summary>The pieces of a value, in order.</summary>
    public static IEnumerable<NovaTextPart> Split(string value)
    {
        string text = value.Replace(@"\$", "$$", StringComparison.Ordinal);
        int position = 0;
        while (position < text.Length)
        {
            int dollar = text.IndexOf('$', position);
            if (dollar < 0)
            {
                break;
            }

            yield return new NovaTextPart(text[position..dollar], false);
            (NovaTextPart part, position) = ReadDollar(text, dollar);
            yield return part;
        }

        yield return new NovaTextPart(text[position..], false);
    }

    private static (NovaTextPart Part, int Next) ReadDollar(string text, int dollar)
    {
        int next = dollar + 1;
        if (next < text.Length && text[next] == '$')
        {
            return (new NovaTextPart("$", false), next + 1);
        }

        bool braced = next < text.Length && text[next] == '{';
        int start = braced ? next + 1 : next;
        int end = NameEnd(text, start);
        bool isName = end > start && (!braced || (end < text.Length && text[end] == '}'));
        return isName
            ? (new NovaTextPart(text[start..end], true), braced ? end + 1 : end)
            : (new NovaTextPart("$", false), next);
    }

    private static int NameEnd(string text, int start)
    {
        int end = start;
        while (end < text.Length && (char.IsAsciiLetter(text[end]) || text[end] == '_' || (end > start && (char.IsAsciiDigit(text[end]) || text[end] == '.'))))
        {
            end++;
        }

        return end;
    }
}
