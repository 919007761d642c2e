namespace ImageCache.Engine.Configuration;

/// <summary>Times as people write them: seconds, or a number with ms, s, m, h or d.</summary>
internal static class TimeText
{
    /// <summary>Reads <c>30</c>, <c>0.5</c>, <c>30s</c>, <c>5m</c>, <c>2h</c>.</summary>
    public static bool TryParse(string text, out TimeSpan time)
    {
        long ticks = 0;
        bool isTime = Quantity.TryParse(text, out Quantity quantity)
            && Ticks(quantity.Unit) is { } worth
            && quantity.TryScale(worth, out ticks);
        time = new TimeSpan(ticks);
        return isTime;
    }

    private static long? Ticks(ReadOnlySpan<char> unit) => unit switch
    {
        "" or "s" or "S" => TimeSpan.TicksPerSecond,
        "ms" or "MS" => TimeSpan.TicksPerMillisecond,
        "m" or "M" => TimeSpan.TicksPerMinute,
        "h" or "H" => TimeSpan.TicksPerHour,
        "d" or "D" => TimeSpan.TicksPerDay,
        _ => null,
    };
}
