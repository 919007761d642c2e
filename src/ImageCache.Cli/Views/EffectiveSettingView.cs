using System.Globalization;
using ImageCache.Cli.Output;

namespace ImageCache.Cli.Views;

/// <summary>Settings, as <c>config</c> shows them.</summary>
internal static class EffectiveSettingView
{
    public static TableView<EffectiveSetting> Table { get; } = new(
    [
        new("SETTING", static setting => setting.Name),
        new("VALUE", static setting => Value(setting.Value)) { IsFlexible = true },
        new("FROM", static setting => setting.Source == SettingSource.Default ? "default" : setting.Origin ?? setting.Source.ToString()),
    ]);

    /// <summary>Numbers of bytes are the only long ones; counts are integers.</summary>
    private static string Value(object? value) => value switch
    {
        null => HumanText.None,
        bool flag => flag ? "true" : "false",
        long bytes => HumanText.Size(bytes),
        TimeSpan time => HumanText.Duration(time),
        IEnumerable<string> list => HumanText.Text(string.Join(", ", list)),
        _ => HumanText.Text(Convert.ToString(value, CultureInfo.InvariantCulture)),
    };
}
