using System.Text.Json;
using ImageCache.Engine.OpenStack.Http;

namespace ImageCache.Engine.OpenStack.Compute;

/// <summary>The compute service, as far as flavors go. Source: OpenStack's Compute API, "Flavors".</summary>
internal sealed class FlavorClient(ServiceClient service)
{
    private const int MostPages = 1000;

    /// <summary>Finds the flavor that a text names: by name, which is unique among those that one user sees, else by id.</summary>
    /// <exception cref="NotFoundException">This project sees no such flavor.</exception>
    /// <exception cref="ImageCacheException">Something else was in the way.</exception>
    public async Task<Flavor> FindFlavorAsync(string nameOrId, CancellationToken cancellationToken)
    {
        ServiceCall call = new(service.Title, $"read the flavor '{Redactor.Printable(nameOrId)}'");
        List<Flavor> flavors = await ListAsync(call, cancellationToken).ConfigureAwait(false);
        return flavors.Find(flavor => flavor.Name == nameOrId) ?? flavors.Find(flavor => flavor.Id == nameOrId) ?? throw new NotFoundException(
            ErrorIds.FlavorNotFound,
            $"{char.ToUpperInvariant(service.Title[0])}{service.Title[1..]} knows no flavor '{Redactor.Printable(nameOrId)}', or this project may not see it.",
            nextStep: "'openstack flavor list --all' shows them; or give the size in bytes.");
    }

    private async Task<List<Flavor>> ListAsync(ServiceCall call, CancellationToken cancellationToken)
    {
        ComputeEndpoint endpoint = new(await service.GetEndpointAsync(cancellationToken).ConfigureAwait(false));
        Dictionary<string, Flavor> found = new(StringComparer.Ordinal);
        string? marker = null;
        for (int page = 0; page < MostPages; page++)
        {
            int before = found.Count;
            Uri url = endpoint.Flavors(marker);
            using JsonDocument document = await service.GetJsonAsync(url, call, cancellationToken).ConfigureAwait(false);
            foreach (Flavor flavor in Read(document.RootElement, url, call))
            {
                found[flavor.Id] = flavor;
                marker = flavor.Id;
            }

            // A page without a new one is the last, whatever it says: services that know no marker give the first again and again.
            if (found.Count == before || JsonRead.Member(document.RootElement, "flavors_links").ValueKind != JsonValueKind.Array)
            {
                break;
            }
        }

        return [.. found.Values];
    }

    private static List<Flavor> Read(JsonElement root, Uri url, ServiceCall call)
    {
        JsonElement list = JsonRead.Member(root, "flavors");
        if (list.ValueKind != JsonValueKind.Array)
        {
            throw ServiceFailure.Invalid(call, url, "it holds no list of flavors");
        }

        List<Flavor> flavors = [];
        foreach (JsonElement item in list.EnumerateArray())
        {
            // One bad record must not hide the others.
            JsonElement disk = JsonRead.Member(item, "disk");
            if (JsonRead.Text(item, "id") is { Length: > 0 } id && JsonRead.Text(item, "name") is { } name
                && disk.ValueKind == JsonValueKind.Number && disk.TryGetInt32(out int gibibytes) && gibibytes >= 0)
            {
                flavors.Add(new Flavor(id, name, gibibytes));
            }
        }

        return flavors;
    }
}
