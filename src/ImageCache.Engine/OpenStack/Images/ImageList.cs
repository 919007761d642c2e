using System.Runtime.CompilerServices;
using System.Text.Json;
using ImageCache.Engine.OpenStack.Http;
using Microsoft.Extensions.Logging;

namespace ImageCache.Engine.OpenStack.Images;

/// <summary>Reads a list of images page by page to its end.</summary>
internal sealed class ImageList(ServiceClient service, ILogger logger)
{
    private const int MostPages = 100_000;

    public async IAsyncEnumerable<ImageDescriptor> ReadAsync(
        GlanceEndpoint endpoint, ImageQuery query, ServiceCall call, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        HashSet<string> seen = new(StringComparer.Ordinal);
        string? next = query.ToString();
        for (int page = 0; next is not null && page < MostPages; page++)
        {
            Uri url = endpoint.Images(next);
            if (!seen.Add(next))
            {
                throw ServiceFailure.Invalid(call, url, "its pages go round in a circle");
            }

            (List<ImageDescriptor> images, next) = await ReadPageAsync(url, call, cancellationToken).ConfigureAwait(false);
            foreach (ImageDescriptor image in images)
            {
                yield return image;
            }
        }
    }

    private async Task<(List<ImageDescriptor> Images, string? Next)> ReadPageAsync(Uri url, ServiceCall call, CancellationToken cancellationToken)
    {
        using JsonDocument document = await service.GetJsonAsync(url, call, cancellationToken).ConfigureAwait(false);
        JsonElement list = JsonRead.Member(document.RootElement, "images");
        if (list.ValueKind != JsonValueKind.Array)
        {
            throw ServiceFailure.Invalid(call, url, "it holds no list of images");
        }

        List<ImageDescriptor> images = [];
        foreach (JsonElement record in list.EnumerateArray())
        {
            if (GlanceImage.TryParse(record, out ImageDescriptor? image, out string? reason))
            {
                images.Add(image);
            }
            else
            {
                // One bad record must not hide the others.
                ImageLog.RecordSkipped(logger, reason);
            }
        }

        return (images, Query(JsonRead.Text(document.RootElement, "next")));
    }

    // Only the query is taken over: Glance writes the link without the prefix and sometimes without the host that we came by,
    // and a token must not go to a host that an answer names.
    private static string? Query(string? next)
        => next?.IndexOf('?', StringComparison.Ordinal) is { } start and >= 0 && next.Length > start + 1 ? next[(start + 1)..].Split('#')[0] : null;
}
