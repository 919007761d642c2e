namespace ImageCache.Engine.Requests;

/// <summary>What removing one base image would do. Made by <see cref="ImageCacheEngine.PlanRemovalAsync"/>.</summary>
/// <param name="Image">The base image.</param>
/// <param name="UsedBy">The disks that have it in their backing chain, and those that could not be read and may have.</param>
/// <param name="Force">Whether the caller insists although it is in use.</param>
public sealed record RemovalPlan(BaseImage Image, IReadOnlyList<string> UsedBy, bool Force);
