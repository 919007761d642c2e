namespace ImageCache.Engine.Life.Prune;

/// <summary>What becomes of one file, as far as it alone tells.</summary>
/// <param name="Action">What is done.</param>
/// <param name="Reason">Why.</param>
internal sealed record PruneVerdict(PruneAction Action, string Reason)
{
    /// <summary>The disks that use it, or may.</summary>
    public IReadOnlyList<string> UsedBy { get; init; } = [];

    /// <summary>Whether it may go when room is needed.</summary>
    public bool IsSpare { get; init; }

    /// <summary>Whether it is needed, so that nova's cleaner must not take it either.</summary>
    public bool IsNeeded { get; init; }

    public static PruneVerdict Keep(string reason) => new(PruneAction.Keep, reason);
}
