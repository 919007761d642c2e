namespace ImageCache.Engine.Life.Usage;

/// <summary>Which base files the disks of this node have in their backing chains.</summary>
/// <param name="UsedBy">The name of a file in the cache, or of a target, to the disks, targets and processes that use it.</param>
/// <param name="Unreadable">Disks that could not be read, with the reason: each of them may use anything.</param>
internal sealed record UsageReport(
    IReadOnlyDictionary<string, IReadOnlyList<string>> UsedBy, IReadOnlyDictionary<string, string> Unreadable)
{
    /// <summary>The other nodes that registered for the same instances_path, as nova keeps them.</summary>
    public IReadOnlyList<SharingHost> SharedWith { get; init; } = [];

    /// <summary>What this scan could not see and need not have seen: others' processes, nova's register. The disks themselves were looked at.</summary>
    public IReadOnlyList<string> Limits { get; init; } = [];

    /// <summary>How many headers were read.</summary>
    public int HeadersRead { get; init; }

    /// <summary>How many headers were known from an earlier scan, and their files unchanged.</summary>
    public int HeadersKnown { get; init; }

    /// <summary>The disks above a base file, and those that may be.</summary>
    public IReadOnlyList<string> UsersOf(string baseName)
        => [.. UsedBy.GetValueOrDefault(baseName, []), .. Unreadable.Select(static disk => $"{disk.Key} (may use it: {disk.Value})")];

    /// <summary>Whether some disk surely has the base file in its chain.</summary>
    public bool IsUsed(string baseName) => UsedBy.ContainsKey(baseName);
}
