using System.Text.Json;
using ImageCache.Engine.OpenStack.Clouds;

namespace ImageCache.Engine.OpenStack.Identity;

/// <summary>A token as JSON, small: of the catalog, in Keystone's own form, only the endpoints that this cloud's clients would choose.</summary>
internal static class KeptToken
{
    public static byte[] Write(KeystoneToken token, CloudConfiguration cloud)
    {
        using MemoryStream bytes = new();
        using (Utf8JsonWriter json = new(bytes))
        {
            json.WriteStartObject();
            json.WriteNumber("issued", token.IssuedAt.ToUnixTimeMilliseconds());
            json.WriteNumber("expires", token.ExpiresAt.ToUnixTimeMilliseconds());
            json.WriteString("token", token.Value.Reveal());
            json.WriteString("project", token.ProjectId);
            json.WriteString("user", token.UserId);
            json.WriteStartArray("roles");
            foreach (string role in token.Roles)
            {
                json.WriteStringValue(role);
            }

            json.WriteEndArray();
            json.WriteStartArray("catalog");
            foreach (CatalogEndpoint endpoint in ServiceType.All.Select(type => EndpointChoice.Of(cloud, type).In(token.Catalog)).OfType<CatalogEndpoint>())
            {
                WriteEndpoint(json, endpoint);
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        return bytes.ToArray();
    }

    /// <summary>The token, or <see langword="null"/> when the bytes are none.</summary>
    public static KeystoneToken? Read(byte[] bytes)
    {
        using JsonDocument? document = JsonRead.TryParse(bytes);
        if (document is null || Time(document.RootElement, "issued") is not { } issued || Time(document.RootElement, "expires") is not { } expires
            || JsonRead.Text(document.RootElement, "token") is not { } value || !KeystoneToken.IsValue(value))
        {
            return null;
        }

        JsonElement roles = JsonRead.Member(document.RootElement, "roles");
        return new KeystoneToken
        {
            Value = new Secret(value),
            IssuedAt = issued,
            ExpiresAt = expires,
            ProjectId = JsonRead.Text(document.RootElement, "project"),
            UserId = JsonRead.Text(document.RootElement, "user"),
            Roles = roles.ValueKind == JsonValueKind.Array
                ? [.. roles.EnumerateArray().Select(static role => JsonRead.TryText(role, out string? name) ? name : null).OfType<string>()]
                : [],
            Catalog = ServiceCatalog.Parse(JsonRead.Member(document.RootElement, "catalog")),
            IsKept = true,
        };
    }

    private static void WriteEndpoint(Utf8JsonWriter json, CatalogEndpoint endpoint)
    {
        json.WriteStartObject();
        json.WriteString("type", endpoint.ServiceType);
        json.WriteStartArray("endpoints");
        json.WriteStartObject();
        json.WriteString("interface", endpoint.Interface);
        json.WriteString("region_id", endpoint.Region);
        json.WriteString("url", endpoint.Url.OriginalString);
        json.WriteEndObject();
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static DateTimeOffset? Time(JsonElement token, string member)
    {
        try
        {
            return JsonRead.Member(token, member) is { ValueKind: JsonValueKind.Number } number && number.TryGetInt64(out long milliseconds)
                ? DateTimeOffset.FromUnixTimeMilliseconds(milliseconds)
                : null;
        }
        catch (ArgumentOutOfRangeException)
        {
            return null;
        }
    }
}
