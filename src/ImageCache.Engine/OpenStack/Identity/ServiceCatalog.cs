using System.Text.Json;
using ImageCache.Engine.OpenStack.Clouds;

namespace ImageCache.Engine.OpenStack.Identity;

/// <summary>The endpoints that a token came with. Source: Identity API v3, "Service catalog and endpoints".</summary>
internal sealed class ServiceCatalog(IReadOnlyList<CatalogEndpoint> endpoints)
{
    private const int MostEndpoints = 10_000;

    public static ServiceCatalog Empty { get; } = new([]);

    public IReadOnlyList<CatalogEndpoint> Endpoints { get; } = endpoints;

    /// <summary>Reads the catalog; what is malformed in it is left out.</summary>
    public static ServiceCatalog Parse(JsonElement catalog)
    {
        if (catalog.ValueKind != JsonValueKind.Array)
        {
            return Empty;
        }

        IEnumerable<CatalogEndpoint> endpoints =
            from service in catalog.EnumerateArray()
            let type = JsonRead.Text(service, "type")
            let list = JsonRead.Member(service, "endpoints")
            where type is not null && list.ValueKind == JsonValueKind.Array
            from endpoint in list.EnumerateArray()
            let url = JsonRead.Text(endpoint, "url") is { } text ? ServiceUrl.TryParse(text) : null
            where url is not null
            select new CatalogEndpoint(
                type,
                EndpointInterface.Parse(JsonRead.Text(endpoint, "interface")),
                JsonRead.Text(endpoint, "region_id") ?? JsonRead.Text(endpoint, "region"),
                url);
        return new ServiceCatalog([.. endpoints.Take(MostEndpoints)]);
    }

    /// <summary>The endpoint of a service: the first of its names that the catalog has in this interface and region.</summary>
    /// <param name="types">The service's names, the best first.</param>
    /// <param name="endpointInterface">public, internal or admin.</param>
    /// <param name="region">The region; <see langword="null"/> takes the first.</param>
    public CatalogEndpoint? Find(IEnumerable<string> types, string endpointInterface, string? region)
        => types.SelectMany(type => Endpoints.Where(endpoint => endpoint.ServiceType == type))
            .FirstOrDefault(endpoint => endpoint.Interface == endpointInterface && (region is null || endpoint.Region == region));
}
