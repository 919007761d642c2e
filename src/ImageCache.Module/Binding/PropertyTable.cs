using System.Collections;
using System.Globalization;
using System.Management.Automation;

namespace ImageCache.Module.Binding;

/// <summary>Turns a hashtable of image properties into text, as Glance has them.</summary>
internal static class PropertyTable
{
    /// <summary>The properties by their names; case matters.</summary>
    public static Dictionary<string, string> Read(Hashtable? table)
    {
        Dictionary<string, string> properties = new(StringComparer.Ordinal);
        foreach (DictionaryEntry entry in table ?? [])
        {
            properties[Text(entry.Key)] = Text(entry.Value);
        }

        return properties;
    }

    // Glance's properties are text; it writes truth in small letters.
    private static string Text(object? value) => value switch
    {
        PSObject wrapped => Text(wrapped.BaseObject),
        bool truth => truth ? "true" : "false",
        _ => Convert.ToString(value, CultureInfo.InvariantCulture) ?? string.Empty,
    };
}
