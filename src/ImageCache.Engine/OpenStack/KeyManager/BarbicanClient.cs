using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using ImageCache.Engine.OpenStack.Http;

namespace ImageCache.Engine.OpenStack.KeyManager;

/// <summary>The key manager. Source: Barbican's API reference, "Secrets".</summary>
internal sealed class BarbicanClient(ServiceClient service, ServiceHttp http)
{
    private const long LargestSecret = 64 << 10;
    private const string Binary = "application/octet-stream";

    /// <summary>Reads what a secret is.</summary>
    /// <returns><see langword="null"/> when there is no such secret, or no longer.</returns>
    /// <exception cref="ImageCacheException">Something was in the way.</exception>
    public async Task<BarbicanSecret?> ShowAsync(string id, CancellationToken cancellationToken)
    {
        ServiceCall call = Call(id);
        BarbicanEndpoint endpoint = await EndpointAsync(cancellationToken).ConfigureAwait(false);
        Uri url = endpoint.Secret(id);
        using HttpResponseMessage answer = await service.SendAsync(() => Get(url, "application/json"), call, cancellationToken).ConfigureAwait(false);
        byte[] body = await answer.Content.ReadAsByteArrayAsync(cancellationToken).ConfigureAwait(false);
        return answer.StatusCode switch
        {
            HttpStatusCode.OK => Read(body, url, call),
            HttpStatusCode.NotFound when IsBarbican(body) => null,
            _ => throw ServiceFailure.From(answer, body, call, http.Redactor, http.Schedule.RetryAfter(answer)),
        };
    }

    /// <summary>Reads a secret itself, in the media type that it was stored in, or else as bytes.</summary>
    /// <returns><see langword="null"/> when it is there no longer, or has no payload.</returns>
    /// <exception cref="ImageCacheException">Something was in the way.</exception>
    public async Task<byte[]?> ReadPayloadAsync(string id, BarbicanSecret secret, CancellationToken cancellationToken)
    {
        ServiceCall call = Call(id);
        BarbicanEndpoint endpoint = await EndpointAsync(cancellationToken).ConfigureAwait(false);
        string mediaType = MediaTypeHeaderValue.TryParse(secret.ContentType, out MediaTypeHeaderValue? stored) ? stored.MediaType! : Binary;
        using HttpResponseMessage first = await AskAsync(endpoint.Payload(id), mediaType, call, cancellationToken).ConfigureAwait(false);
        if (first.StatusCode != HttpStatusCode.NotAcceptable || mediaType == Binary)
        {
            return await TakeAsync(first, call, cancellationToken).ConfigureAwait(false);
        }

        using HttpResponseMessage second = await AskAsync(endpoint.Payload(id), Binary, call, cancellationToken).ConfigureAwait(false);
        return await TakeAsync(second, call, cancellationToken).ConfigureAwait(false);
    }

    private async Task<BarbicanEndpoint> EndpointAsync(CancellationToken cancellationToken)
        => new(await service.GetEndpointAsync(cancellationToken).ConfigureAwait(false));

    private Task<HttpResponseMessage> AskAsync(Uri url, string mediaType, ServiceCall call, CancellationToken cancellationToken)
        => service.SendAsync(() => Get(url, mediaType), call, cancellationToken);

    private async Task<byte[]?> TakeAsync(HttpResponseMessage answer, ServiceCall call, CancellationToken cancellationToken)
    {
        byte[] body = await answer.Content.ReadAsByteArrayAsync(cancellationToken).ConfigureAwait(false);
        return answer.StatusCode switch
        {
            HttpStatusCode.OK => body,
            HttpStatusCode.NotFound when IsBarbican(body) => null,
            _ => throw ServiceFailure.From(answer, body, call, http.Redactor, http.Schedule.RetryAfter(answer)),
        };
    }

    private ServiceCall Call(string id) => new(service.Title, $"read the certificate '{id}'");

    private static HttpRequestMessage Get(Uri url, string mediaType)
    {
        HttpRequestMessage request = ServiceClient.Get(url, mediaType);
        request.Options.Set(ServiceHttp.BodyLimit, LargestSecret);
        return request;
    }

    private static BarbicanSecret Read(byte[] body, Uri url, ServiceCall call)
    {
        using JsonDocument document = ServiceClient.Parse(body, url, call);
        return JsonRead.Text(document.RootElement, "secret_type") is { } type
            ? new BarbicanSecret(type, JsonRead.Text(JsonRead.Member(document.RootElement, "content_types"), "default"))
            : throw ServiceFailure.Invalid(call, url, "it has no secret_type");
    }

    // A wrong path on some web server is a 404, too, but says so in other words.
    private static bool IsBarbican(byte[] body)
    {
        using JsonDocument? document = JsonRead.TryParse(body);
        return document is not null && JsonRead.Text(document.RootElement, "title") is not null;
    }
}
