namespace ImageCache.Engine.Life;

/// <summary>Which files are due, and in which order. Pure: the same facts, the same answer.</summary>
internal static class IntegrityOrder
{
    /// <summary>Never proved first, then the oldest proof, so that a scrub that was interrupted goes on where it stopped.</summary>
    /// <param name="candidates">All that could be looked at.</param>
    /// <param name="olderThan">How old a proof must be to be made anew.</param>
    /// <param name="now">The time.</param>
    public static IEnumerable<IntegrityCandidate> Due(IEnumerable<IntegrityCandidate> candidates, TimeSpan? olderThan, DateTimeOffset now)
        => candidates
            .Where(candidate => candidate.ProvedAt is not { } proved || olderThan is not { } age || now - proved >= age)
            .OrderBy(static candidate => candidate.ProvedAt ?? DateTimeOffset.MinValue)
            .ThenBy(static candidate => candidate.BaseName, StringComparer.Ordinal);
}
