using System.Globalization;

namespace ImageCache;

/// <summary>Sizes and times as a person reads them; for views, progress and tables, never for data.</summary>
public static class DisplayText
{
    private static readonly string[] Units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];

    /// <summary>A number of bytes with a binary unit and at most one decimal, <c>20.4 MiB</c>; empty for none.</summary>
    /// <param name="bytes">The number of bytes.</param>
    public static string Size(long? bytes)
    {
        if (bytes is not { } value)
        {
            return string.Empty;
        }

        double rest = value;
        int unit = 0;
        // Half a tenth below the next unit would print as 1024.
        while (Math.Abs(rest) >= 1023.95 && unit < Units.Length - 1)
        {
            rest /= 1024;
            unit++;
        }

        return string.Create(CultureInfo.InvariantCulture, $"{Math.Round(rest, 1, MidpointRounding.AwayFromZero):0.#} {Units[unit]}");
    }

    /// <summary>How long ago a time is, in its two largest units (<c>3d 4h</c>); empty for none.</summary>
    /// <param name="time">The time.</param>
    public static string Age(DateTimeOffset? time) => time is { } value ? Span(DateTimeOffset.UtcNow - value) : string.Empty;

    /// <summary>A length of time in its two largest units, <c>2m 5s</c>; below a minute with decimals, <c>1.3s</c>.</summary>
    /// <param name="length">The length of time.</param>
    public static string Span(TimeSpan? length) => length is { } value ? Text(Rounded(value)) : string.Empty;

    // Rounded before it is cut into units: 59.99 s are a minute.
    private static TimeSpan Rounded(TimeSpan length)
        => TimeSpan.FromSeconds(Math.Round(length.TotalSeconds, length.TotalSeconds < 60 ? 1 : 0, MidpointRounding.AwayFromZero));

    private static string Text(TimeSpan length) => length switch
    {
        { TotalSeconds: < 60 } seconds => string.Create(CultureInfo.InvariantCulture, $"{Math.Max(0, seconds.TotalSeconds):0.#}s"),
        { TotalHours: < 1 } minutes => $"{minutes.Minutes}m {minutes.Seconds}s",
        { TotalDays: < 1 } hours => $"{hours.Hours}h {hours.Minutes}m",
        { TotalDays: < 365 } days => $"{days.Days}d {days.Hours}h",
        var years => $"{years.Days / 365}y {years.Days % 365}d",
    };
}
