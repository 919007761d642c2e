using System.Text;

namespace ImageCache.Engine.Configuration;

/// <summary>
/// What nova's configuration files say, read as oslo.config reads them (oslo_config/cfg.py): a later file wins over an earlier one, the
/// last of repeated keys wins, and <c>$name</c>, <c>${name}</c> and <c>$group.name</c> stand for other options.
/// </summary>
internal sealed class NovaConf
{
    /// <summary>The longest file that is read. nova's own sample, all comments, has half a megabyte.</summary>
    public const int MaximumLength = 4 * 1024 * 1024;

    private const int DeepestReference = 16;
    private const int LongestValue = 64 * 1024;

    private readonly Dictionary<(string Group, string Name), NovaOption> _known;
    private readonly List<Dictionary<(string Group, string Name), NovaEntry>> _files = [];

    private NovaConf(IReadOnlyList<NovaEntry>[] files, IEnumerable<NovaOption> known)
    {
        _known = known.ToDictionary(static option => (option.Group, option.Name));
        foreach (IReadOnlyList<NovaEntry> entries in files)
        {
            Dictionary<(string, string), NovaEntry> last = [];
            foreach (NovaEntry entry in entries)
            {
                last[(entry.Group, entry.Name)] = entry;
            }

            _files.Insert(0, last);
        }
    }

    /// <summary>No nova.conf at all.</summary>
    public static NovaConf None { get; } = new([], []);

    /// <summary>Whether there is any file.</summary>
    public bool Exists => _files.Count > 0;

    /// <summary>Puts files together, the earliest first.</summary>
    /// <exception cref="InvalidInputException">One of them is malformed.</exception>
    public static NovaConf Parse(params IEnumerable<(string Path, string Text)> files)
        => new([.. files.Select(static file => NovaConfParser.Parse(file.Path, file.Text))], NovaOptions.WithDefaults);

    /// <summary>What is written for an option under its name or an older one; <see langword="null"/> when it is not there.</summary>
    public NovaEntry? Find(NovaOption option)
    {
        foreach (Dictionary<(string, string), NovaEntry> file in _files)
        {
            foreach (NovaOption name in option.Deprecated.Prepend(option))
            {
                if (file.TryGetValue((name.Group, name.Name), out NovaEntry? entry))
                {
                    return entry;
                }
            }
        }

        return null;
    }

    /// <summary>The value of an option, all references replaced; its default when nothing is written.</summary>
    /// <exception cref="InvalidInputException">A reference leads nowhere, or round in a circle.</exception>
    public string? Value(NovaOption option) => Value(option, 0);

    private string? Value(NovaOption option, int depth)
    {
        NovaEntry? entry = Find(option);
        string? text = entry?.Text ?? option.Default;
        return text is null ? null : Expand(text, option.Group, entry?.Origin ?? option.ToString(), depth);
    }

    private string Expand(string text, string group, string origin, int depth)
    {
        if (!text.Contains('$', StringComparison.Ordinal))
        {
            return text;
        }

        if (depth >= DeepestReference)
        {
            throw ConfigurationErrors.Invalid($"{origin}: its references lead round in a circle.");
        }

        StringBuilder result = new();
        foreach (NovaTextPart part in NovaTextPart.Split(text))
        {
            result.Append(part.IsReference ? Resolve(part.Text, group, origin, depth) : part.Text);
            if (result.Length > LongestValue)
            {
                throw ConfigurationErrors.Invalid($"{origin}: with its references it is longer than {LongestValue} characters.");
            }
        }

        return result.ToString();
    }

    private string Resolve(string reference, string group, string origin, int depth)
    {
        int dot = reference.IndexOf('.', StringComparison.Ordinal);
        NovaOption[] places = dot > 0
            ? [new(reference[..dot], reference[(dot + 1)..])]
            : [new(group, reference), new(NovaOption.DefaultGroup, reference)];
        foreach (NovaOption place in places)
        {
            if (Value(_known.GetValueOrDefault((place.Group, place.Name), place), depth + 1) is { } value)
            {
                return value;
            }
        }

        throw ConfigurationErrors.Invalid(
            $"{origin}: {ConfigurationErrors.Quote("$" + reference)} refers to an option whose value only nova knows.",
            "Write that option into nova.conf, or set cache_path.");
    }
}
