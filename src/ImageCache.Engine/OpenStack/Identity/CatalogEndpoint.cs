namespace ImageCache.Engine.OpenStack.Identity;

/// <summary>One endpoint of the catalog.</summary>
/// <param name="ServiceType">The service's type as the catalog has it.</param>
/// <param name="Interface">public, internal or admin.</param>
/// <param name="Region">The region's id.</param>
/// <param name="Url">Where it is.</param>
internal sealed record CatalogEndpoint(string ServiceType, string Interface, string? Region, Uri Url);
