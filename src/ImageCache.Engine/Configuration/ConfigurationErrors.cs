namespace ImageCache.Engine.Configuration;

/// <summary>The words of configuration errors.</summary>
internal static class ConfigurationErrors
{
    private const int LongestQuote = 80;

    public static InvalidInputException Invalid(string message, string? nextStep = null, Exception? cause = null)
        => new(ErrorIds.ConfigurationInvalid, message, nextStep: nextStep, cause: cause);

    /// <summary>A value that cannot be used, with the place where it stands.</summary>
    public static InvalidInputException BadValue(RawSetting raw, string expected)
    {
        string place = raw.Source switch
        {
            SettingSource.Parameter => "Parameter ",
            SettingSource.Environment => "Environment variable ",
            _ => string.Empty,
        };
        return Invalid($"{place}{raw.Origin} cannot be {Quote(raw.Written)}: {expected.TrimEnd(',')} is expected.");
    }

    /// <summary>A name that no setting has.</summary>
    public static InvalidInputException UnknownName(string place, string name, IEnumerable<string> known)
    {
        string? near = NearestName.Find(name, known);
        string hint = near is null ? string.Empty : $" Did you mean {near}?";
        return Invalid(
            $"{place}: there is no setting {Quote(name)}.{hint}",
            near is null ? "Remove it; the configuration in force shows every setting there is." : $"Write {near}, or remove it.");
    }

    /// <summary>Text of a file, made fit for a message: short, and without control characters.</summary>
    public static string Quote(string text)
    {
        string cut = text.Length <= LongestQuote ? text : string.Concat(text.AsSpan(0, LongestQuote), "…");
        return $"'{Printable(cut)}'";
    }

    /// <summary>Text without control characters.</summary>
    public static string Printable(string text) => string.Concat(text.Select(static c => char.IsControl(c) ? '?' : c));
}
