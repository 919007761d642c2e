namespace ImageCache.Engine;

/// <summary>One sample of an item in work.</summary>
/// <param name="ActivityId">Distinguishes the items of one monitor.</param>
/// <param name="Subject">The image's name, or its id while the name is unknown.</param>
/// <param name="Stage">What is being done.</param>
/// <param name="Done">How much of the stage is done.</param>
/// <param name="Total">How much there is, if that is known.</param>
public sealed record ProgressSnapshot(int ActivityId, string Subject, WorkStage Stage, long Done, long? Total);
