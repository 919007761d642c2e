namespace ImageCache.Engine.Requests;

/// <summary>What became of one part of maintenance, and the errors of the images in it.</summary>
/// <param name="Result">The part as a whole.</param>
/// <param name="Errors">What failed in it.</param>
public sealed record MaintenanceOutcome(MaintenanceResult Result, IReadOnlyList<ImageCacheException> Errors);
