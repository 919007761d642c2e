namespace ImageCache;

/// <summary>What one part of maintenance did.</summary>
public sealed record MaintenanceResult
{
    /// <summary>The machine that answered.</summary>
    public required string Node { get; init; }

    /// <summary>The part.</summary>
    public required MaintenanceStep Step { get; init; }

    /// <summary>What became of it.</summary>
    public required MaintenanceStatus Status { get; init; }

    /// <summary>How many images or files it was about.</summary>
    public long Items { get; init; }

    /// <summary>How many of them were changed: mended, fetched or removed.</summary>
    public long Changed { get; init; }

    /// <summary>How many of them failed.</summary>
    public long Failures { get; init; }

    /// <summary>What there is to say in words; always there unless it was done.</summary>
    public string? Reason { get; init; }

    /// <summary>How long it took.</summary>
    public TimeSpan Duration { get; init; }
}
