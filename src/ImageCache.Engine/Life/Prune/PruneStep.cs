namespace ImageCache.Engine.Life.Prune;

/// <summary>One file of a plan with what becomes of it.</summary>
/// <param name="File">The file as it was found.</param>
/// <param name="Verdict">What becomes of it.</param>
/// <param name="Decision">The same as users see it.</param>
/// <param name="MinimumAge">How old it must be to go.</param>
internal sealed record PruneStep(PruneFile File, PruneVerdict Verdict, PruneDecision Decision, TimeSpan MinimumAge);
