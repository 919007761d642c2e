using System.Text;
using System.Text.Json;

namespace ImageCache.Engine.OpenStack.Http;

/// <summary>Finds the sentence in an error page: Keystone's, nova's and Barbican's JSON, Glance's HTML, or plain text.</summary>
internal static class ServiceReason
{
    private const int LongestPage = 16 << 10;

    public static string? Read(ReadOnlySpan<byte> body)
    {
        string text = Encoding.UTF8.GetString(body[..Math.Min(body.Length, LongestPage)]).Trim();
        return text.StartsWith('{') ? FromJson(text) : Words(text.StartsWith('<') ? WithoutTags(Inside(text)) : text);
    }

    private static string? FromJson(string text)
    {
        try
        {
            using JsonDocument page = JsonDocument.Parse(text);
            return Message(page.RootElement, "message") ?? Message(page.RootElement, "description") ?? page.RootElement.EnumerateObject()
                .Select(static member => Message(member.Value, "message")).FirstOrDefault(static message => message is not null);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static string? Message(JsonElement element, string name)
        => JsonRead.Text(element, name) is { } message ? Words(message) : null;

    // The head holds the title, which the body repeats.
    private static string Inside(string html)
    {
        int start = html.IndexOf("<body", StringComparison.OrdinalIgnoreCase);
        return start < 0 ? html : html[start..];
    }

    private static string WithoutTags(string html)
    {
        StringBuilder text = new(html.Length);
        bool inTag = false;
        foreach (char character in html)
        {
            inTag = character == '<' || (inTag && character != '>');
            text.Append(inTag || character == '>' ? ' ' : character);
        }

        return text.ToString();
    }

    private static string Words(string text)
        => string.Join(' ', text.Split([' ', '\t', '\r', '\n'], StringSplitOptions.RemoveEmptyEntries)).TrimEnd('.');
}
