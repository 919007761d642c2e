using System.Globalization;

namespace ImageCache.Engine.Configuration;

/// <summary>The kinds of values that settings have.</summary>
internal static class SettingFormats
{
    private static readonly string[] TrueWords = ["true", "yes", "on", "1"];
    private static readonly string[] FalseWords = ["false", "no", "off", "0"];

    /// <summary>The words of oslo.config's and of YAML's booleans.</summary>
    public static SettingFormat<bool> Flag { get; } = new("true or false", static raw => ParseFlag(raw.Text));

    /// <summary>A number of bytes.</summary>
    public static SettingFormat<long> Size(long minimum = 0)
        => new(
            minimum == 0 ? "a size in bytes or with a unit (50MiB, 2GB)" : $"a size of at least {minimum} bytes, in bytes or with a unit (50MiB, 2GB)",
            raw => ByteSize.TryParse(raw.Text, out long bytes) && bytes >= minimum ? bytes : throw new FormatException());

    /// <summary>A number of bytes, or no limit.</summary>
    public static SettingFormat<long?> SizeLimit { get; } = Limit(
        "a size in bytes or with a unit (50MiB, 2GB), or none,",
        static text => ByteSize.TryParse(text, out long bytes) ? bytes : null);

    /// <summary>Bytes a second, or no limit.</summary>
    public static SettingFormat<long?> RateLimit { get; } = Limit(
        "a rate in bytes a second or with a unit (50MiB, 50MiB/s), or none,",
        static text => ByteSize.TryParse(text.EndsWith("/s", StringComparison.Ordinal) ? text[..^2] : text, out long bytes) ? bytes : null);

    /// <summary>A time above zero. Timers of the platform end at 49 days; a week is more than any setting can mean.</summary>
    public static SettingFormat<TimeSpan> Time { get; } = new(
        "a time of up to 7 days, in seconds or with a unit (30, 0.5s, 5m, 2h),",
        static raw => ParseTime(raw.Text) is { } time ? time : throw new FormatException());

    /// <summary>An age: no timer waits for it.</summary>
    public static SettingFormat<TimeSpan> Age { get; } = new(
        "an age of up to 10 years, in seconds or with a unit (86400, 12h, 30d),",
        static raw => TimeText.TryParse(raw.Text, out TimeSpan age) && age >= TimeSpan.Zero && age <= TimeSpan.FromDays(3660) ? age : throw new FormatException());

    /// <summary>A time, or no limit.</summary>
    public static SettingFormat<TimeSpan?> TimeLimit { get; } = new(
        "a time of up to 7 days, in seconds or with a unit (30, 5m, 2h), or none,",
        static raw => IsNone(raw.Text) ? null : ParseTime(raw.Text) ?? throw new FormatException());

    /// <summary>A time, of which none is zero.</summary>
    public static SettingFormat<TimeSpan> TimeOrNone { get; } = new(TimeLimit.Expected, static raw => TimeLimit.Parse(raw) ?? TimeSpan.Zero);

    /// <summary>A whole number within bounds, both included.</summary>
    public static SettingFormat<int> Count(int minimum, int maximum)
        => new($"a whole number from {minimum} to {maximum}", raw => ParseCount(raw.Text, minimum, maximum));

    /// <summary>A whole number within bounds, both included, or <c>auto</c>.</summary>
    public static SettingFormat<int?> CountOrAuto(int minimum, int maximum)
        => new(
            $"a whole number from {minimum} to {maximum}, or auto,",
            raw => Same(raw.Text.Trim(), "auto") ? null : ParseCount(raw.Text, minimum, maximum));

    /// <summary>A name that is not looked into; none is "nothing chosen".</summary>
    public static SettingFormat<string?> Name { get; } = new(
        "a name",
        static raw => raw.Values.Count == 0 ? null : RequireText(raw.Text));

    /// <summary>A text that is not looked into.</summary>
    public static SettingFormat<string> Text { get; } = new("a text", static raw => RequireText(raw.Text));

    /// <summary>A path; a relative one counts from the raw setting's base directory.</summary>
    public static SettingFormat<string> Path { get; } = new("a path", static raw => ParsePath(raw.Text, raw.BaseDirectory));

    /// <summary>A path, or nothing chosen.</summary>
    public static SettingFormat<string?> OptionalPath { get; } = new(
        "a path",
        static raw => raw.Values.Count == 0 ? null : ParsePath(raw.Text, raw.BaseDirectory));

    /// <summary>One path or a list of them, or <c>none</c> for an empty list.</summary>
    public static SettingFormat<IReadOnlyList<string>> Paths { get; } = new(
        "a path, a list of paths, or none,",
        static raw => !raw.IsList && IsNone(raw.Text) ? [] : [.. raw.Values.Select(path => ParsePath(path, raw.BaseDirectory))]);

    /// <summary>A list of any words.</summary>
    public static SettingFormat<IReadOnlyList<string>> Words { get; } = new("a list of words, or none,", static raw => [.. Items(raw)]);

    /// <summary>A list of words out of a known set; case does not matter.</summary>
    public static SettingFormat<IReadOnlyList<string>> WordsOf(IReadOnlyList<string> known)
        => new(
            $"a list out of {string.Join(", ", known)}",
            raw => [.. Items(raw).Select(item => known.FirstOrDefault(word => Same(word, item)) ?? throw new FormatException())]);

    /// <summary>One of several words that stand for values; case, dashes and underscores do not matter.</summary>
    public static SettingFormat<T> Choice<T>(params (string Word, T Value)[] choices)
        => new(
            $"one of {string.Join(", ", Array.ConvertAll(choices, static choice => choice.Word))}",
            raw =>
            {
                string plain = Plain(raw.Text);
                foreach ((string word, T value) in choices)
                {
                    if (Plain(word) == plain)
                    {
                        return value;
                    }
                }

                throw new FormatException();
            });

    private static SettingFormat<long?> Limit(string expected, Func<string, long?> parse)
        => new(expected, raw => IsNone(raw.Text) ? null : parse(raw.Text.Trim()) ?? throw new FormatException());

    // Nought as "no limit" is what nova's options and wget's, curl's and rsync's rates mean by it.
    private static bool IsNone(string text) => Same(text.Trim(), "none") || text.Trim() == "0";

    private static bool ParseFlag(string text)
        => Array.Exists(TrueWords, word => Same(word, text.Trim()))
            || (Array.Exists(FalseWords, word => Same(word, text.Trim())) ? false : throw new FormatException());

    private static TimeSpan? ParseTime(string text)
        => TimeText.TryParse(text, out TimeSpan time) && time > TimeSpan.Zero && time <= TimeSpan.FromDays(7) ? time : null;

    private static int ParseCount(string text, int minimum, int maximum)
        => int.TryParse(text.Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out int count) && count >= minimum && count <= maximum
            ? count
            : throw new FormatException();

    private static string ParsePath(string text, string baseDirectory)
    {
        // No shell is in between that would have replaced it: a directory of that name is not what was meant.
        string path = RequireText(text);
        if (path == "~" || path.StartsWith("~/", StringComparison.Ordinal))
        {
            throw new FormatException();
        }

        string full = System.IO.Path.GetFullPath(path, baseDirectory);
        return System.IO.Path.TrimEndingDirectorySeparator(full);
    }

    private static string RequireText(string text)
        => text.Trim() is { Length: > 0 and <= 4096 } trimmed && !trimmed.Any(char.IsControl) ? trimmed : throw new FormatException();

    private static IEnumerable<string> Items(RawSetting raw)
        => !raw.IsList && Same(raw.Text.Trim(), "none")
            ? []
            : (raw.IsList ? raw.Values : raw.Text.Split(',')).Select(static item => item.Trim()).Where(static item => item.Length > 0);

    private static string Plain(string text)
        => text.Trim().Replace("-", string.Empty, StringComparison.Ordinal).Replace("_", string.Empty, StringComparison.Ordinal).ToUpperInvariant();

    private static bool Same(string a, string b) => string.Equals(a, b, StringComparison.OrdinalIgnoreCase);
}
