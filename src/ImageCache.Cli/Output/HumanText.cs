using System.Globalization;

namespace ImageCache.Cli.Output;

/// <summary>Numbers as people read them.</summary>
internal static class HumanText
{
    /// <summary>What stands for "nothing".</summary>
    public const string None = "-";

    private static readonly string[] Units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];

    /// <summary>Bytes, with three digits that count.</summary>
    public static string Size(long? bytes)
    {
        if (bytes is not { } count)
        {
            return None;
        }

        double value = count;
        int unit = 0;
        while (value >= 1024 && unit < Units.Length - 1)
        {
            value /= 1024;
            unit++;
        }

        string format = unit == 0 || value >= 100 || value == Math.Floor(value) ? "0" : value >= 10 ? "0.#" : "0.##";
        return $"{value.ToString(format, CultureInfo.InvariantCulture)} {Units[unit]}";
    }

    /// <summary>A length of time, in its largest unit or two.</summary>
    public static string Duration(TimeSpan? time) => time switch
    {
        null => None,
        { TotalSeconds: < 1 } t => $"{t.TotalMilliseconds.ToString("0", CultureInfo.InvariantCulture)} ms",
        { TotalMinutes: < 1 } t => $"{t.TotalSeconds.ToString("0.#", CultureInfo.InvariantCulture)} s",
        { TotalHours: < 1 } t => Parts(t.Minutes, "min", t.Seconds, "s"),
        { TotalDays: < 1 } t => Parts(t.Hours, "h", t.Minutes, "min"),
        { } t => Parts(t.Days, "d", t.Hours, "h"),
    };

    /// <summary>How long ago, in one unit.</summary>
    public static string Age(DateTimeOffset? when, DateTimeOffset now) => (now - when) switch
    {
        null => None,
        { TotalSeconds: < 1 } => "now",
        { TotalMinutes: < 1 } t => $"{t.Seconds} s",
        { TotalHours: < 1 } t => $"{t.Minutes} min",
        { TotalDays: < 1 } t => $"{t.Hours} h",
        { } t => $"{t.Days} d",
    };

    /// <summary>A text, or the sign for none.</summary>
    public static string Text(string? text) => string.IsNullOrEmpty(text) ? None : text;

    /// <summary>Yes, no, or the sign for "not known".</summary>
    public static string Flag(bool? flag) => flag switch { true => "yes", false => "no", null => None };

    private static string Parts(int large, string largeUnit, int small, string smallUnit)
        => small == 0 ? $"{large} {largeUnit}" : $"{large} {largeUnit} {small} {smallUnit}";
}
