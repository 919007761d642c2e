using System.Net;
using System.Net.Http.Headers;
using System.Runtime.CompilerServices;
using System.Text.Json;
using ImageCache.Engine.OpenStack.Http;
using ImageCache.Engine.Requests;
using Microsoft.Extensions.Logging;

namespace ImageCache.Engine.OpenStack.Images;

/// <summary>The image service. Source: OpenStack's Images API v2.</summary>
internal sealed class GlanceClient(ServiceClient service, ServiceHttp http, ILoggerFactory loggers)
{
    private const long LargestRecord = 8 << 20;

    private readonly ImageList _list = new(service, loggers.CreateLogger<GlanceClient>());
    private volatile bool _isGlance;

    /// <summary>Reads an image's record by id.</summary>
    /// <exception cref="NotFoundException">This project sees no such image.</exception>
    /// <exception cref="ImageCacheException">Something else was in the way.</exception>
    public async Task<ImageDescriptor> ShowAsync(string id, CancellationToken cancellationToken)
        => await TryShowAsync(id, cancellationToken).ConfigureAwait(false) ?? throw NoSuchImage(id, id);

    /// <summary>Finds the image that a reference names: an id, or a name that only one image has.</summary>
    /// <exception cref="InvalidInputException">Several images have this name, or the text can be neither.</exception>
    /// <exception cref="NotFoundException">This project sees no such image.</exception>
    public async Task<ImageDescriptor> FindOneAsync(string reference, CancellationToken cancellationToken)
    {
        if (!ImageReference.IsPossibleName(reference))
        {
            throw new InvalidInputException(
                ErrorIds.InvalidReference, $"'{Redactor.Printable(reference)}' can be neither the id nor the name of an image.", reference, "Give an id or a name.");
        }

        bool isUuid = ImageReference.IsUuid(reference);
        ImageDescriptor? image = isUuid
            ? await TryShowAsync(reference, cancellationToken).ConfigureAwait(false)
                ?? await FindByNameAsync(reference, cancellationToken).ConfigureAwait(false)
            : await FindByNameAsync(reference, cancellationToken).ConfigureAwait(false)
                ?? await TryShowAsync(reference, cancellationToken).ConfigureAwait(false);
        return image ?? throw NoSuchImage(reference, reference);
    }

    /// <summary>
    /// Searches. A name without wildcards is asked for as it is written; only when no image has it, case stops to matter.
    /// Results stream as pages arrive.
    /// </summary>
    public async IAsyncEnumerable<ImageDescriptor> ListAsync(FindRequest request, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        ServiceCall call = new(service.Title, "list images");
        GlanceEndpoint endpoint = await EndpointAsync(cancellationToken).ConfigureAwait(false);
        NamePattern? pattern = string.IsNullOrEmpty(request.Name) ? null : new NamePattern(request.Name);
        bool any = false;
        if (request.ImageIds.Count == 0 && pattern?.Literal is { } name && ImageQuery.CanQuote(name))
        {
            ImageQuery exact = ImageQuery.From(request).AddExact("name", name);
            await foreach (ImageDescriptor image in _list.ReadAsync(endpoint, exact, call, cancellationToken).ConfigureAwait(false))
            {
                any = true;
                yield return image;
            }
        }

        if (any)
        {
            yield break;
        }

        IAsyncEnumerable<ImageDescriptor> images = request.ImageIds.Count > 0
            ? ListByIdAsync(endpoint, request, call, cancellationToken)
            : _list.ReadAsync(endpoint, ImageQuery.From(request), call, cancellationToken);
        await foreach (ImageDescriptor image in images.ConfigureAwait(false))
        {
            if (pattern?.Matches(image.Name) != false)
            {
                yield return image;
            }
        }
    }

    /// <summary>
    /// Opens an image's data. Sent once: who reads the body repeats by itself. Any status is an answer: 200 and 206 have data, 204
    /// means that there are none, 400 and 416 may mean that the store knows no ranges.
    /// </summary>
    /// <param name="id">The image's id.</param>
    /// <param name="offset">Where to begin; a range is asked for when it is not 0.</param>
    /// <param name="length">How many bytes; a range is asked for when it is given.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="UnavailableException">No answer; <see cref="TransientFailure"/> tells whether to try again.</exception>
    public async Task<DataResponse> OpenDataAsync(string id, long offset, long? length, CancellationToken cancellationToken)
    {
        ServiceCall call = new(service.Title, $"read the data of image '{id}'", id, ErrorIds.ImageDataNotFound);
        GlanceEndpoint endpoint = await EndpointAsync(cancellationToken).ConfigureAwait(false);
        return await service.OpenAsync(
            () =>
            {
                HttpRequestMessage request = ServiceClient.Get(endpoint.Data(id), "*/*");
                if (offset > 0 || length is not null)
                {
                    request.Headers.Range = new RangeHeaderValue(offset, length is { } count ? checked(offset + count - 1) : null);
                }

                return request;
            },
            call,
            cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The versions that the service says it has, such as <c>v2.16</c>; which calls work depends on its configuration, too.</summary>
    /// <exception cref="UnavailableException">There is no image service at this URL.</exception>
    public async Task<IReadOnlyList<string>> GetVersionsAsync(CancellationToken cancellationToken)
    {
        ServiceCall call = new(service.Title, "ask for the versions of the image service");
        GlanceEndpoint endpoint = await EndpointAsync(cancellationToken).ConfigureAwait(false);
        IReadOnlyList<string> versions = await ReadVersionsAsync(endpoint.Versions, call, cancellationToken).ConfigureAwait(false);
        if (versions.Count == 0)
        {
            versions = await ReadVersionsAsync(endpoint.Root, call, cancellationToken).ConfigureAwait(false);
        }

        return versions.Any(static version => version.StartsWith("v2", StringComparison.Ordinal))
            ? versions
            : throw ServiceFailure.Invalid(call, endpoint.Root, $"at {Redactor.Url(endpoint.Root)} there is no Image API version 2");
    }

    private async Task<GlanceEndpoint> EndpointAsync(CancellationToken cancellationToken)
        => new(await service.GetEndpointAsync(cancellationToken).ConfigureAwait(false));

    private async Task<ImageDescriptor?> TryShowAsync(string id, CancellationToken cancellationToken)
    {
        if (!ImageReference.IsPossibleId(id))
        {
            return null;
        }

        ServiceCall call = new(service.Title, $"read the record of image '{id}'", id, ErrorIds.ImageNotFound);
        GlanceEndpoint endpoint = await EndpointAsync(cancellationToken).ConfigureAwait(false);
        using HttpResponseMessage answer = await service.SendAsync(() => GetRecord(endpoint.Image(id)), call, cancellationToken).ConfigureAwait(false);
        byte[] body = await answer.Content.ReadAsByteArrayAsync(cancellationToken).ConfigureAwait(false);
        switch (answer.StatusCode)
        {
            case HttpStatusCode.OK:
                _isGlance = true;
                return ReadRecord(body, id, endpoint, call);
            case HttpStatusCode.NotFound:
                await MakeSureItIsGlanceAsync(cancellationToken).ConfigureAwait(false);
                return null;
            default:
                throw ServiceFailure.From(answer, body, call, http.Redactor, http.Schedule.RetryAfter(answer));
        }
    }

    private static HttpRequestMessage GetRecord(Uri url)
    {
        HttpRequestMessage request = ServiceClient.Get(url, "application/json");
        request.Options.Set(ServiceHttp.BodyLimit, LargestRecord);
        return request;
    }

    private static ImageDescriptor ReadRecord(byte[] body, string id, GlanceEndpoint endpoint, ServiceCall call)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(body);
            if (!GlanceImage.TryParse(document.RootElement, out ImageDescriptor? image, out string? reason))
            {
                throw ServiceFailure.Invalid(call, endpoint.Root, reason);
            }

            return string.Equals(image.Id, id, StringComparison.OrdinalIgnoreCase)
                ? image
                : throw ServiceFailure.Invalid(call, endpoint.Root, "it is the record of another image");
        }
        catch (JsonException error)
        {
            throw ServiceFailure.Invalid(call, endpoint.Root, "it is not JSON", error);
        }
    }

    private async Task<ImageDescriptor?> FindByNameAsync(string name, CancellationToken cancellationToken)
    {
        ServiceCall call = new(service.Title, $"look for an image named '{name}'", name);
        GlanceEndpoint endpoint = await EndpointAsync(cancellationToken).ConfigureAwait(false);
        ImageQuery query = ImageQuery.CanQuote(name) ? new ImageQuery().AddExact("name", name) : new ImageQuery();
        List<ImageDescriptor> found = [];
        await foreach (ImageDescriptor image in _list.ReadAsync(endpoint, query, call, cancellationToken).ConfigureAwait(false))
        {
            // Some databases under Glance compare without case.
            if (string.Equals(image.Name, name, StringComparison.Ordinal))
            {
                found.Add(image);
            }
        }

        return found.Count <= 1 ? found.FirstOrDefault() : throw Ambiguous(name, found);
    }

    private async IAsyncEnumerable<ImageDescriptor> ListByIdAsync(
        GlanceEndpoint endpoint, FindRequest request, ServiceCall call, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        const int IdsAtOnce = 100;
        HashSet<string> missing = new(request.ImageIds.Where(ImageReference.IsPossibleId), StringComparer.OrdinalIgnoreCase);
        foreach (string[] ids in missing.Where(ImageQuery.CanQuote).Chunk(IdsAtOnce).ToArray())
        {
            ImageQuery query = ImageQuery.From(request).AddOneOf("id", ids);
            await foreach (ImageDescriptor image in _list.ReadAsync(endpoint, query, call, cancellationToken).ConfigureAwait(false))
            {
                missing.Remove(image.Id);
                yield return image;
            }
        }

        // Lists leave out hidden images and other projects' community images, which can be seen by id all the same.
        bool hasFilters = request is not { Tags.Count: 0, Properties.Count: 0, Owner: null, Visibility: null, Status: null };
        foreach (string id in hasFilters ? [] : missing)
        {
            if (await TryShowAsync(id, cancellationToken).ConfigureAwait(false) is { } image)
            {
                yield return image;
            }
        }
    }

    // A 404 says "no such image" only if it comes from Glance: a wrong path on a web server says the same.
    private async Task MakeSureItIsGlanceAsync(CancellationToken cancellationToken)
    {
        if (!_isGlance)
        {
            await GetVersionsAsync(cancellationToken).ConfigureAwait(false);
            _isGlance = true;
        }
    }

    private async Task<IReadOnlyList<string>> ReadVersionsAsync(Uri url, ServiceCall call, CancellationToken cancellationToken)
    {
        using HttpRequestMessage request = ServiceClient.Get(url, "application/json");
        using HttpResponseMessage answer = await http.SendAsync(request, call, cancellationToken).ConfigureAwait(false);
        byte[] body = await answer.Content.ReadAsByteArrayAsync(cancellationToken).ConfigureAwait(false);
        if (TransientFailure.Is(answer.StatusCode))
        {
            throw ServiceFailure.From(answer, body, call, http.Redactor, http.Schedule.RetryAfter(answer));
        }

        if (answer.StatusCode is not (HttpStatusCode.OK or HttpStatusCode.MultipleChoices))
        {
            return [];
        }

        try
        {
            using JsonDocument document = JsonDocument.Parse(body);
            return JsonRead.Member(document.RootElement, "versions") is { ValueKind: JsonValueKind.Array } versions
                ? [.. versions.EnumerateArray().Select(static version => JsonRead.Text(version, "id")).OfType<string>()]
                : [];
        }
        catch (JsonException)
        {
            return [];
        }
    }

    private NotFoundException NoSuchImage(string reference, string imageId) => new(
        ErrorIds.ImageNotFound,
        $"{char.ToUpperInvariant(service.Title[0])}{service.Title[1..]} knows no image '{reference}' that this project may see.",
        imageId,
        "Check the id or the name, and the cloud and project; images of other projects with visibility 'community' are found by id only.");

    private static InvalidInputException Ambiguous(string name, List<ImageDescriptor> images)
    {
        const int Most = 10;
        string ids = string.Join(", ", images.Take(Most).Select(static image => image.Id));
        return new InvalidInputException(
            ErrorIds.AmbiguousImage,
            $"{images.Count} images are named '{name}': {ids}{(images.Count > Most ? ", …" : string.Empty)}.",
            name,
            "Name one of them by its id.");
    }
}
