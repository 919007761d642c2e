using ImageCache.Engine.OpenStack.Clouds;

namespace ImageCache.Engine.OpenStack.Identity;

/// <summary>Which endpoint of a service a cloud's entry asks for: the service's own settings, else the cloud's.</summary>
/// <param name="Types">The names that the service may have in the catalog, the best first.</param>
/// <param name="Interface">public, internal or admin.</param>
/// <param name="Region">The region; <see langword="null"/> takes the first.</param>
internal sealed record EndpointChoice(IReadOnlyList<string> Types, string Interface, string? Region)
{
    public static EndpointChoice Of(CloudConfiguration cloud, ServiceType type) => new(
        Setting(cloud, type, "service_type")?.Text is { } named ? [named] : [.. type.Names],
        Setting(cloud, type, "interface")?.Text is { } own ? EndpointInterface.Parse(own) : cloud.Interface,
        Setting(cloud, type, "region_name")?.Text ?? cloud.Region);

    /// <summary>A setting of one service, under any of the service's names.</summary>
    public static ConfigNode? Setting(CloudConfiguration cloud, ServiceType type, string setting)
        => type.Names.Select(name => cloud.ServiceSetting(name, setting)).FirstOrDefault(static node => node?.Text is { Length: > 0 });

    /// <summary>The endpoint, if the catalog has it.</summary>
    public CatalogEndpoint? In(ServiceCatalog catalog) => catalog.Find(Types, Interface, Region);
}
