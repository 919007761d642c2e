namespace ImageCache.Engine.Tests.Trust;

/// <summary>What cursive is to judge.</summary>
internal sealed record CursiveCase
{
    public required IReadOnlyDictionary<string, string> Properties { get; init; }

    public required byte[] Data { get; init; }

    public required IReadOnlyDictionary<string, string> Certificates { get; init; }

    public IReadOnlyList<string>? Trusted { get; init; }
}
