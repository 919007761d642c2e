using System.Text;

namespace ImageCache.Engine.Configuration;

/// <summary>
/// Splits a nova.conf into assignments, by the rules of oslo.config (oslo_config/iniparser.py): <c>key = value</c> or <c>key: value</c>, lines
/// that begin with a blank continue the value above, an empty line ends it, <c>#</c> and <c>;</c> begin a comment in the first column only,
/// and a value in one pair of quotes loses them.
/// </summary>
internal sealed class NovaConfParser
{
    private readonly string _path;
    private readonly List<NovaEntry> _entries = [];
    private string? _group;
    private readonly StringBuilder _continuation = new();
    private NovaEntry? _open;

    private NovaConfParser(string path) => _path = path;

    /// <summary>Every assignment, in the order of the file.</summary>
    /// <exception cref="InvalidInputException">A line is none of these.</exception>
    public static IReadOnlyList<NovaEntry> Parse(string path, string text)
    {
        NovaConfParser parser = new(path);
        using StringReader reader = new(text);
        for (int line = 1; reader.ReadLine() is { } raw; line++)
        {
            parser.ReadLine(raw.AsSpan().TrimEnd(), line);
        }

        parser.Close();
        return parser._entries;
    }

    private void ReadLine(ReadOnlySpan<char> text, int line)
    {
        if (text.IsEmpty)
        {
            Close();
        }
        else if (text[0] is ' ' or '\t')
        {
            Continue(text.TrimStart(), line);
        }
        else
        {
            Close();
            ReadStatement(text, line);
        }
    }

    private void Continue(ReadOnlySpan<char> text, int line)
    {
        if (_open is null)
        {
            throw Error(line, "an indented line continues nothing");
        }

        _continuation.Append('\n').Append(text);
    }

    private void ReadStatement(ReadOnlySpan<char> text, int line)
    {
        if (text[0] == '[')
        {
            _group = text.Length > 2 && text[^1] == ']' ? GroupName(text[1..^1].ToString()) : throw Error(line, "a section is written [name]");
        }
        else if (text[0] is not ('#' or ';'))
        {
            ReadAssignment(text, line);
        }
    }

    private void ReadAssignment(ReadOnlySpan<char> text, int line)
    {
        int separator = text.IndexOfAny('=', ':');
        if (separator < 0)
        {
            throw Error(line, "'key = value' is expected");
        }

        string name = text[..separator].Trim().ToString();
        if (name.Length == 0)
        {
            throw Error(line, "there is no key before the value");
        }

        _open = new NovaEntry(_path, line, _group ?? throw Error(line, "there is no section above"), name, Unquote(text[(separator + 1)..].Trim()));
    }

    private void Close()
    {
        if (_open is not null)
        {
            _entries.Add(_continuation.Length == 0 ? _open : _open with { Text = $"{_open.Text}{_continuation}" });
            _continuation.Clear();
            _open = null;
        }
    }

    /// <summary>oslo.config takes sections in any case, but for DEFAULT.</summary>
    private static string GroupName(string written) => written == NovaOption.DefaultGroup ? written : written.ToLowerInvariant();

    private static string Unquote(ReadOnlySpan<char> value)
    {
        bool quoted = !value.IsEmpty && value[0] is '"' or '\'' && value[^1] == value[0];
        return (quoted ? value[1..Math.Max(1, value.Length - 1)] : value).ToString();
    }

    private InvalidInputException Error(int line, string message)
        => ConfigurationErrors.Invalid($"{_path}:{line}: {message}.", "nova does not read this file either; correct the line.");
}
