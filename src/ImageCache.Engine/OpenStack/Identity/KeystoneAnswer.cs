using System.Globalization;
using System.Text.Json;
using ImageCache.Engine.OpenStack.Http;

namespace ImageCache.Engine.OpenStack.Identity;

/// <summary>Reads a token out of Keystone's answer.</summary>
internal static class KeystoneAnswer
{
    /// <summary>The token.</summary>
    /// <param name="answer">The answer, with status 201.</param>
    /// <param name="body">Its body.</param>
    /// <param name="call">What it was for.</param>
    /// <param name="now">When it came, by this machine's clock.</param>
    /// <exception cref="UnavailableException">It is no token.</exception>
    public static KeystoneToken Read(HttpResponseMessage answer, ReadOnlyMemory<byte> body, ServiceCall call, DateTimeOffset now)
    {
        Uri url = answer.RequestMessage!.RequestUri!;
        string? value = answer.Headers.TryGetValues("X-Subject-Token", out IEnumerable<string>? values) ? values.First() : null;
        if (!KeystoneToken.IsValue(value))
        {
            throw ServiceFailure.Invalid(call, url, "it holds no token");
        }

        try
        {
            using JsonDocument document = JsonDocument.Parse(body);
            JsonElement token = JsonRead.Member(document.RootElement, "token");
            if (Time(token, "expires_at") is not { } expires)
            {
                throw ServiceFailure.Invalid(call, url, "it does not say when the token ends");
            }

            DateTimeOffset serverNow = answer.Headers.Date ?? Time(token, "issued_at") ?? now;
            return new KeystoneToken
            {
                Value = new Secret(value),
                IssuedAt = now,
                ExpiresAt = now + (expires - serverNow),
                ProjectId = JsonRead.Text(JsonRead.Member(token, "project"), "id"),
                UserId = JsonRead.Text(JsonRead.Member(token, "user"), "id"),
                Roles = Roles(token),
                Catalog = ServiceCatalog.Parse(JsonRead.Member(token, "catalog")),
            };
        }
        catch (Exception error) when (error is JsonException or ArgumentOutOfRangeException)
        {
            throw ServiceFailure.Invalid(call, url, "it is not the JSON of a token", error);
        }
    }

    private static string[] Roles(JsonElement token)
        => JsonRead.Member(token, "roles") is { ValueKind: JsonValueKind.Array } roles
            ? [.. roles.EnumerateArray().Select(static role => JsonRead.Text(role, "name")).OfType<string>()]
            : [];

    private static DateTimeOffset? Time(JsonElement token, string member)
        => DateTimeOffset.TryParse(
            JsonRead.Text(token, member), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out DateTimeOffset time)
            ? time
            : null;
}
