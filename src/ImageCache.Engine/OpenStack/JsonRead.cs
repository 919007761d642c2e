using System.Diagnostics.CodeAnalysis;
using System.Text.Json;

namespace ImageCache.Engine.OpenStack;

/// <summary>Reads JSON that may hold anything: a member of another kind than expected is a missing one.</summary>
internal static class JsonRead
{
    /// <summary>Parses what may be anything; the caller disposes of it.</summary>
    /// <returns><see langword="null"/> when it is no JSON.</returns>
    public static JsonDocument? TryParse(byte[] json)
    {
        try
        {
            return JsonDocument.Parse(json);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>A member of an object, or an undefined element. To find it among names that are no Unicode is given up.</summary>
    public static JsonElement Member(JsonElement element, string name)
    {
        try
        {
            return element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out JsonElement member) ? member : default;
        }
        catch (InvalidOperationException)
        {
            return default;
        }
    }

    /// <summary>A member that is text.</summary>
    public static string? Text(JsonElement element, string name)
        => Member(element, name) is { ValueKind: JsonValueKind.String } member && TryText(member, out string? text) ? text : null;

    /// <summary>The name of a member, which JSON can spell wrongly, too.</summary>
    public static bool TryName(JsonProperty member, [NotNullWhen(true)] out string? name)
    {
        try
        {
            name = member.Name;
        }
        catch (InvalidOperationException)
        {
            name = null;
        }

        return name is not null;
    }

    /// <summary>The text of an element; half a surrogate pair, which JSON can spell, is none.</summary>
    public static bool TryText(JsonElement element, [NotNullWhen(true)] out string? text)
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
