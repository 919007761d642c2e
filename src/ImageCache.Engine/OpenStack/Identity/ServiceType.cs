namespace ImageCache.Engine.OpenStack.Identity;

/// <summary>A service: its official type, older names, and what messages call it. Source: the Service Types Authority.</summary>
internal sealed record ServiceType(string Name, string Title, params string[] Aliases)
{
    public static ServiceType Image { get; } = new("image", "the image service");

    public static ServiceType BlockStorage { get; } = new("block-storage", "the block storage service", "volumev3", "volumev2", "volume", "block-store");

    public static ServiceType KeyManager { get; } = new("key-manager", "the key manager");

    public static ServiceType Compute { get; } = new("compute", "the compute service");

    /// <summary>Every service that is spoken to.</summary>
    public static IReadOnlyList<ServiceType> All { get; } = [Image, BlockStorage, KeyManager, Compute];

    /// <summary>The names under which a catalog may list it, the best first.</summary>
    public IEnumerable<string> Names => Aliases.Prepend(Name);
}
