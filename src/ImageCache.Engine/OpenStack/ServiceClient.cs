using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using ImageCache.Engine.OpenStack.Clouds;
using ImageCache.Engine.OpenStack.Http;
using ImageCache.Engine.OpenStack.Identity;

namespace ImageCache.Engine.OpenStack;

/// <summary>
/// Sends authenticated requests to one service of a cloud: finds its endpoint, adds the token, and when the service refuses the
/// token asks for a new one, once.
/// </summary>
internal sealed class ServiceClient(CloudConfiguration cloud, ServiceType type, KeystoneSession session, ServiceHttp http)
{
    private const string TokenHeader = "X-Auth-Token";

    /// <summary>What messages call the service.</summary>
    public string Title => type.Title;

    /// <summary>Where the service is: the override, else the catalog's endpoint.</summary>
    /// <exception cref="InvalidInputException">The cloud has no such service, or the override is no URL.</exception>
    public async Task<Uri> GetEndpointAsync(CancellationToken cancellationToken)
    {
        ConfigNode? endpoint = EndpointChoice.Setting(cloud, type, "endpoint_override");
        if (endpoint is null || endpoint.Text!.Contains("project_id", StringComparison.Ordinal))
        {
            KeystoneToken token = await session.GetTokenAsync(cancellationToken).ConfigureAwait(false);
            return endpoint is null ? await FromCatalogAsync(token, cancellationToken).ConfigureAwait(false) : FromOverride(endpoint, token.ProjectId);
        }

        return FromOverride(endpoint, null);
    }

    /// <summary>Sends a request and returns the answer, whatever its status, with its body in memory.</summary>
    /// <param name="prepare">Makes the request; called again when it has to be sent with another token.</param>
    /// <param name="call">What it is for.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public async Task<HttpResponseMessage> SendAsync(
        Func<HttpRequestMessage> prepare, ServiceCall call, CancellationToken cancellationToken)
    {
        KeystoneToken token = await session.GetTokenAsync(cancellationToken).ConfigureAwait(false);
        HttpResponseMessage answer = await SendOnceAsync(prepare, token, call, cancellationToken).ConfigureAwait(false);
        if (answer.StatusCode != HttpStatusCode.Unauthorized)
        {
            return answer;
        }

        answer.Dispose();
        session.Invalidate(token);
        token = await session.GetTokenAsync(cancellationToken).ConfigureAwait(false);
        return await SendOnceAsync(prepare, token, call, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Gets a JSON document.</summary>
    /// <exception cref="ImageCacheException">The status is not one of success, or the body is no JSON.</exception>
    public async Task<JsonDocument> GetJsonAsync(Uri url, ServiceCall call, CancellationToken cancellationToken)
    {
        using HttpResponseMessage answer = await SendAsync(() => Get(url, "application/json"), call, cancellationToken).ConfigureAwait(false);
        byte[] body = await answer.Content.ReadAsByteArrayAsync(cancellationToken).ConfigureAwait(false);
        if (answer.StatusCode != HttpStatusCode.OK)
        {
            throw ServiceFailure.From(answer, body, call, http.Redactor, http.Schedule.RetryAfter(answer));
        }

        return Parse(body, url, call);
    }

    /// <summary>Parses the body of an answer.</summary>
    /// <exception cref="UnavailableException">It is no JSON.</exception>
    public static JsonDocument Parse(byte[] body, Uri url, ServiceCall call)
    {
        try
        {
            return JsonDocument.Parse(body);
        }
        catch (JsonException error)
        {
            throw ServiceFailure.Invalid(call, url, "it is not JSON", error);
        }
    }

    /// <summary>Opens a body to be streamed; sent once, any status is an answer, and 401 is met with a new token once.</summary>
    public async Task<DataResponse> OpenAsync(Func<HttpRequestMessage> prepare, ServiceCall call, CancellationToken cancellationToken)
    {
        KeystoneToken token = await session.GetTokenAsync(cancellationToken).ConfigureAwait(false);
        DataResponse answer = await OpenOnceAsync(prepare, token, call, cancellationToken).ConfigureAwait(false);
        if (answer.Status != HttpStatusCode.Unauthorized)
        {
            return answer;
        }

        await answer.DisposeAsync().ConfigureAwait(false);
        session.Invalidate(token);
        token = await session.GetTokenAsync(cancellationToken).ConfigureAwait(false);
        return await OpenOnceAsync(prepare, token, call, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>A GET that accepts a media type.</summary>
    public static HttpRequestMessage Get(Uri url, string mediaType)
    {
        HttpRequestMessage request = new(HttpMethod.Get, url);
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue(mediaType));
        return request;
    }

    private async Task<HttpResponseMessage> SendOnceAsync(
        Func<HttpRequestMessage> prepare, KeystoneToken token, ServiceCall call, CancellationToken cancellationToken)
    {
        using HttpRequestMessage request = prepare();
        request.Headers.TryAddWithoutValidation(TokenHeader, token.Value.Reveal());
        return await http.SendAsync(request, call, cancellationToken).ConfigureAwait(false);
    }

    private async Task<DataResponse> OpenOnceAsync(
        Func<HttpRequestMessage> prepare, KeystoneToken token, ServiceCall call, CancellationToken cancellationToken)
    {
        using HttpRequestMessage request = prepare();
        request.Headers.TryAddWithoutValidation(TokenHeader, token.Value.Reveal());
        return await http.OpenAsync(request, call, cancellationToken).ConfigureAwait(false);
    }

    private async Task<Uri> FromCatalogAsync(KeystoneToken token, CancellationToken cancellationToken)
    {
        EndpointChoice choice = EndpointChoice.Of(cloud, type);
        if (token.IsKept && choice.In(token.Catalog) is null)
        {
            // The service may have been registered since, and only a whole catalog says what there is instead.
            token = await session.GetOwnTokenAsync(cancellationToken).ConfigureAwait(false);
        }

        return choice.In(token.Catalog)?.Url ?? throw Missing(choice, token.Catalog);
    }

    private InvalidInputException Missing(EndpointChoice choice, ServiceCatalog catalog) => new(
        ErrorIds.CloudNotConfigured,
        $"The catalog of the cloud '{cloud.Name}' has no {choice.Interface} endpoint of type '{type.Name}'{(choice.Region is null ? string.Empty : $" in region '{choice.Region}'")}{Others(catalog)}.",
        nextStep: $"Correct region_name or interface in the cloud's entry ({cloud.Origin}), or give {type.Name.Replace('-', '_')}_endpoint_override.");

    private string Others(ServiceCatalog catalog)
    {
        IEnumerable<string> others = catalog.Endpoints.Where(endpoint => type.Names.Contains(endpoint.ServiceType))
            .Select(static endpoint => Redactor.Printable($"{endpoint.Interface} in {endpoint.Region}")).Distinct().Take(10);
        string list = string.Join(", ", others);
        return list.Length > 0 ? $"; it has {list}" : string.Empty;
    }

    private InvalidInputException BadOverride(ConfigNode node) => new(
        ErrorIds.ConfigurationInvalid,
        $"The endpoint of {type.Title} in the cloud '{cloud.Name}' ({node.Position}) is no http or https URL.",
        nextStep: "Write the service's root, such as https://cloud.example/image.");

    private Uri FromOverride(ConfigNode node, string? projectId)
    {
        string text = node.Text!.Replace("%(project_id)s", projectId, StringComparison.Ordinal).Replace("$(project_id)s", projectId, StringComparison.Ordinal);
        return ServiceUrl.TryParse(text) ?? throw BadOverride(node);
    }
}
