namespace ImageCache.Engine.Tests.Faults;

/// <summary>A volume of a <see cref="FakeCinder"/>.</summary>
public sealed record FakeVolume
{
    public string Id { get; init; } = Guid.NewGuid().ToString();

    public string Name { get; init; } = "a volume";

    public string Status { get; init; } = "available";

    public int Size { get; init; } = 1;

    public bool IsMultiattach { get; init; }

    public bool IsEncrypted { get; init; }

    /// <summary>Whether it was made of another one.</summary>
    public bool IsCopy { get; init; }

    public IReadOnlyDictionary<string, string> Metadata { get; init; } = new Dictionary<string, string>();
}
