using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace ImageCache.Engine.Configuration;

/// <summary>
/// Reads imagecache.yaml (YAML 1.2, https://yaml.org/spec/1.2.2/): one mapping from setting to a value or a list of values. It is read as
/// events, so that every error has its line, and nothing nested or aliased is ever built.
/// </summary>
internal sealed class ImageCacheYaml
{
    /// <summary>The longest file that is read.</summary>
    public const int MaximumLength = 256 * 1024;

    private readonly string _path;
    private readonly string _baseDirectory;
    private readonly HashSet<string> _known;
    private readonly Dictionary<string, RawSetting> _settings = new(StringComparer.Ordinal);

    private ImageCacheYaml(string path, string baseDirectory, IEnumerable<string> known)
    {
        _path = path;
        _baseDirectory = baseDirectory;
        _known = new HashSet<string>(known, StringComparer.Ordinal);
    }

    /// <summary>The settings of a file, by name. A key without a value is as if it were not there.</summary>
    /// <param name="path">The file's name, for messages.</param>
    /// <param name="text">What is in it.</param>
    /// <param name="baseDirectory">The directory against which relative paths count.</param>
    /// <param name="known">The names of all settings.</param>
    /// <exception cref="InvalidInputException">The file is not such a mapping, or has an unknown or repeated key.</exception>
    public static IReadOnlyDictionary<string, RawSetting> Parse(string path, string text, string baseDirectory, IEnumerable<string> known)
    {
        ImageCacheYaml yaml = new(path, baseDirectory, known);
        using StringReader reader = new(text);
        try
        {
            yaml.ReadStream(new Parser(reader));
        }
        catch (YamlException e)
        {
            throw ConfigurationErrors.Invalid($"{path}:{e.Start.Line}: this is not YAML: {ConfigurationErrors.Printable(e.Message)}", cause: e);
        }
        catch (Exception e) when (e is InvalidOperationException or ArgumentException or FormatException or OverflowException)
        {
            // YamlDotNet's scanner ends so on some malformed text instead of with an exception of its own.
            throw ConfigurationErrors.Invalid($"{path}: this is not YAML, somewhere below {yaml.LastKey}.", cause: e);
        }

        return yaml._settings;
    }

    private string LastKey => _settings.Count == 0 ? "its beginning" : $"the key {_settings.Keys.Last()}";

    private void ReadStream(Parser parser)
    {
        parser.Consume<StreamStart>();
        if (parser.Accept<StreamEnd>(out _))
        {
            return;
        }

        parser.Consume<DocumentStart>();
        if (!(parser.TryConsume<Scalar>(out var nothing) && IsNull(nothing)))
        {
            ReadMapping(parser, nothing);
        }

        parser.Consume<DocumentEnd>();
        if (parser.TryConsume<DocumentStart>(out var second))
        {
            throw Error(second, "only one document is expected");
        }
    }

    private void ReadMapping(Parser parser, Scalar? instead)
    {
        if (instead is not null || !parser.TryConsume<MappingStart>(out _))
        {
            throw Error(instead ?? parser.Current, "lines of the form 'key: value' are expected");
        }

        while (!parser.TryConsume<MappingEnd>(out _))
        {
            ReadSetting(parser);
        }
    }

    private void ReadSetting(Parser parser)
    {
        if (!parser.TryConsume<Scalar>(out var key))
        {
            throw Error(parser.Current, "a key must be a plain name");
        }

        if (!_known.Contains(key.Value))
        {
            throw ConfigurationErrors.UnknownName($"{_path}:{key.Start.Line}", key.Value, _known);
        }

        if (_settings.ContainsKey(key.Value))
        {
            throw Error(key, $"{key.Value} stands here a second time");
        }

        (IReadOnlyList<string>? values, bool isList) = ReadValue(parser, key);
        if (values is not null)
        {
            _settings[key.Value] = new RawSetting(
                values, isList, SettingSource.ConfigurationFile, $"{_path}:{key.Start.Line} {key.Value}", _baseDirectory);
        }
    }

    private (IReadOnlyList<string>? Values, bool IsList) ReadValue(Parser parser, Scalar key)
    {
        if (parser.TryConsume<Scalar>(out var scalar))
        {
            return (IsNull(scalar) ? null : [scalar.Value], false);
        }

        if (!parser.TryConsume<SequenceStart>(out _))
        {
            throw Error(parser.Current, $"{key.Value} must be a value or a list of values");
        }

        List<string> values = [];
        while (!parser.TryConsume<SequenceEnd>(out _))
        {
            values.Add(parser.TryConsume<Scalar>(out var item) ? item.Value : throw Error(parser.Current, $"{key.Value} must be a list of plain values"));
        }

        return (values, true);
    }

    private static bool IsNull(Scalar scalar)
        => scalar.Style == ScalarStyle.Plain && scalar.Value is "" or "~" or "null" or "Null" or "NULL";

    private InvalidInputException Error(ParsingEvent? at, string message)
        => ConfigurationErrors.Invalid($"{_path}:{at?.Start.Line ?? 1}: {message}.");
}
