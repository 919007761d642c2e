namespace ImageCache.Engine.Life.Maintenance;

/// <summary>What one part of maintenance found and did.</summary>
/// <param name="Items">How many images or files it was about.</param>
/// <param name="Changed">How many of them were changed.</param>
/// <param name="Reason">What there is to say in words.</param>
internal sealed record StepReport(long Items, long Changed, string? Reason = null)
{
    /// <summary>What failed.</summary>
    public IReadOnlyList<ImageCacheException> Errors { get; init; } = [];

    /// <summary>What is wrong, although nothing failed: damaged files, critical images that are not here.</summary>
    public long Faults { get; init; }
}
