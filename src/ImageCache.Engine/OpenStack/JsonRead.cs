using System.Text.Json;

namespace ImageCache.Engine.OpenStack;

/// <summary>Reads JSON that may hold anything: a member of another kind than expected is a missing one.</summary>
internal static class JsonRead
{
    /// <summary>A member of an object, or an undefined element.</summary>
    public static JsonElement Member(JsonElement element, string name)
        => element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out JsonElement member) ? member : default;

    /// <summary>A member that is text.</summary>
    public static string? Text(JsonElement element, string name)
        => Member(element, name) is { ValueKind: JsonValueKind.String } member && TryText(member, out string? text) ? text : null;

    /// <summary>The text of an element; half a surrogate pair, which JSON can spell, is none.</summary>
    public static bool TryText(JsonElement element, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out string? text)
    {
        try
        {
            text = element.ValueKind == JsonValueKind.String ? element.GetString() : null;
        }
        catch (InvalidOperationException)
        {
            text = null;
        }

        return text is not null;
    }
}
