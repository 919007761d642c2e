namespace ImageCache.Engine.OpenStack.Local;

/// <summary>What completion needs to know of an image.</summary>
internal sealed record CatalogueEntry(string Id, string? Name, string Status, long? Size);
