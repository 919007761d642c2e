namespace ImageCache;

/// <summary>What <c>Test-BaseImage</c> found out about one file of a cache.</summary>
public sealed record IntegrityResult
{
    /// <summary>The image's id; <see langword="null"/> where only nova knows it (the file's name is a hash of it).</summary>
    public string? Id { get; init; }

    /// <summary>The image's name, as the record has it.</summary>
    public string? Name { get; init; }

    /// <summary>The machine that answered.</summary>
    public required string Node { get; init; }

    /// <summary>The absolute path in the cache.</summary>
    public required string Path { get; init; }

    /// <summary>What was found.</summary>
    public required IntegrityStatus Status { get; init; }

    /// <summary>What more there is to say; always there unless the file is intact.</summary>
    public string? Reason { get; init; }

    /// <summary>The digest that the file should have, <c>algorithm:hex</c>.</summary>
    public string? Expected { get; init; }

    /// <summary>The digest that it has, where it was read to its end.</summary>
    public string? Actual { get; init; }

    /// <summary>Length of the file in bytes.</summary>
    public long? Size { get; init; }

    /// <summary>When it was looked at.</summary>
    public required DateTimeOffset CheckedAt { get; init; }

    /// <summary>When it was last proved intact before; <see langword="null"/> when never.</summary>
    public DateTimeOffset? LastProvedAt { get; init; }

    /// <summary>Whether it was repaired: what is there now is intact.</summary>
    public bool Repaired { get; init; }
}
