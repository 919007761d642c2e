namespace ImageCache.Engine.Tests.Lab;

/// <summary>An image to be put into the lab's Glance.</summary>
public sealed record LabImage
{
    public string Name { get; init; } = "imagecache-test-" + Guid.NewGuid().ToString("N");

    /// <summary>The bytes; <see langword="null"/> leaves the image queued.</summary>
    public byte[]? Data { get; init; }

    public string DiskFormat { get; init; } = "raw";

    public string ContainerFormat { get; init; } = "bare";

    public string Visibility { get; init; } = "private";

    /// <summary>The store: file, rbd, cinder; <see langword="null"/> leaves it to Glance.</summary>
    public string? Store { get; init; }

    public string[] Tags { get; init; } = [];

    public Dictionary<string, string> Properties { get; init; } = [];
}
