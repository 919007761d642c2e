using System.Net;
using System.Text.Json;
using ImageCache.Engine.OpenStack.Http;
using ImageCache.Engine.OpenStack.Identity;

namespace ImageCache.Engine.OpenStack.Volumes;

/// <summary>
/// Finds Cinder, agrees with it on a microversion, once, and sends it requests. Source: Block Storage API v3, "API versions".
/// </summary>
internal sealed class CinderSession(ServiceClient service, ServiceHttp http, KeystoneSession identity)
{
    private const long LargestAnswer = 8 << 20;

    private CinderAgreement? _agreement;

    /// <summary>What messages call the service.</summary>
    public string Title => service.Title;

    /// <summary>Where Cinder is, and the microversion that we speak to it.</summary>
    /// <exception cref="UnavailableException">It is too old, or no Cinder.</exception>
    public async Task<CinderAgreement> AgreeAsync(CancellationToken cancellationToken)
    {
        if (Volatile.Read(ref _agreement) is { } agreed)
        {
            return agreed;
        }

        KeystoneToken token = await identity.GetTokenAsync(cancellationToken).ConfigureAwait(false);
        CinderEndpoint endpoint = new(await service.GetEndpointAsync(cancellationToken).ConfigureAwait(false), token.ProjectId);
        (Microversion newest, Microversion oldest) = await ReadVersionsAsync(endpoint, cancellationToken).ConfigureAwait(false);
        Microversion version = newest < Microversion.Newest ? newest : Microversion.Newest;
        CinderAgreement agreement = version >= Microversion.Oldest && version >= oldest
            ? new CinderAgreement(endpoint, version)
            : throw NoCommonVersion(newest, oldest);
        Volatile.Write(ref _agreement, agreement);
        return agreement;
    }

    /// <summary>Sends a request.</summary>
    /// <returns>The answer's JSON, of which the caller disposes; <see langword="null"/> for a 404 where that is an answer.</returns>
    /// <exception cref="ImageCacheException">Any other status than one of success, or no answer.</exception>
    public async Task<JsonDocument?> SendAsync(CinderCall call, CancellationToken cancellationToken)
    {
        CinderAgreement agreement = await AgreeAsync(cancellationToken).ConfigureAwait(false);
        using HttpResponseMessage answer = await service.SendAsync(() => Request(call, agreement.Version), call.Purpose, cancellationToken).ConfigureAwait(false);
        byte[] body = await answer.Content.ReadAsByteArrayAsync(cancellationToken).ConfigureAwait(false);
        if (answer.StatusCode == HttpStatusCode.NotFound && IsCinder(body))
        {
            return null;
        }

        if (!answer.IsSuccessStatusCode)
        {
            throw CinderFailure.From(answer, body, call.Purpose, http);
        }

        return body.Length == 0 ? JsonDocument.Parse("{}") : ServiceClient.Parse(body, call.Url, call.Purpose);
    }

    private static HttpRequestMessage Request(CinderCall call, Microversion version)
    {
        HttpRequestMessage request = call.ToRequest(version);
        request.Options.Set(ServiceHttp.BodyLimit, LargestAnswer);
        return request;
    }

    private async Task<(Microversion Newest, Microversion Oldest)> ReadVersionsAsync(CinderEndpoint endpoint, CancellationToken cancellationToken)
    {
        ServiceCall purpose = new(service.Title, "ask for the versions of the block storage service");

        // What stands before a service may show only one of the two.
        foreach (Uri url in new[] { endpoint.Version3, endpoint.Root })
        {
            using HttpResponseMessage answer = await service.SendAsync(() => ServiceClient.Get(url, "application/json"), purpose, cancellationToken).ConfigureAwait(false);
            byte[] body = await answer.Content.ReadAsByteArrayAsync(cancellationToken).ConfigureAwait(false);
            if (answer.StatusCode is HttpStatusCode.Unauthorized || TransientFailure.Is(answer.StatusCode))
            {
                throw CinderFailure.From(answer, body, purpose, http);
            }

            if (answer.StatusCode is HttpStatusCode.OK or HttpStatusCode.MultipleChoices && ReadVersions(body) is { } versions)
            {
                return versions;
            }
        }

        throw ServiceFailure.Invalid(purpose, endpoint.Root, $"at {Redactor.Url(endpoint.Root)} there is no Block Storage API version 3");
    }

    private static (Microversion Newest, Microversion Oldest)? ReadVersions(byte[] body)
    {
        using JsonDocument? document = JsonRead.TryParse(body);
        return document is null ? null : CinderJson.ReadVersion3(document.RootElement);
    }

    private UnavailableException NoCommonVersion(Microversion newest, Microversion oldest) => new(
        ErrorIds.MethodUnavailable,
        $"{char.ToUpperInvariant(service.Title[0])}{service.Title[1..]} speaks the versions {oldest} to {newest}; volumes are attached with {Microversion.Oldest} to {Microversion.Newest}.",
        nextStep: "Use another method to fetch the image, or ask the cloud's operator for a newer Cinder (OpenStack Queens has 3.50).",
        category: FailureCategory.NotImplemented);

    // A wrong path on some web server is a 404, too, but says so in other words.
    private static bool IsCinder(byte[] body)
    {
        using JsonDocument? document = JsonRead.TryParse(body);
        return document is not null && JsonRead.Member(document.RootElement, "itemNotFound").ValueKind == JsonValueKind.Object;
    }
}
