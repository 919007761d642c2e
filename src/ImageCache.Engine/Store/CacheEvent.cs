namespace ImageCache.Engine.Store;

/// <summary>One line of the event log.</summary>
internal sealed record CacheEvent
{
    public required DateTimeOffset Time { get; init; }

    /// <summary>What happened: fetched, fetchFailed, adopted, removed, damaged, missing, quarantined, restored, pruned, recordRebuilt, recordRemoved, leftoverRemoved, diskMade, targetMade, targetRemoved.</summary>
    public required string Event { get; init; }

    public string? ImageId { get; init; }

    public string? Name { get; init; }

    public string? Path { get; init; }

    public string? Method { get; init; }

    public string? Digest { get; init; }

    public long? Bytes { get; init; }

    public double? Seconds { get; init; }

    public string? ErrorId { get; init; }

    public string? Reason { get; init; }

    public required string Node { get; init; }

    public required int ProcessId { get; init; }
}
