namespace ImageCache.Engine.Requests;

/// <summary>What making an instance disk would do. Made by <see cref="ImageCacheEngine.PlanDiskAsync"/>.</summary>
/// <param name="Request">The request, with the size in bytes if a flavor said it.</param>
/// <param name="Image">The base image.</param>
/// <param name="Path">The disk's absolute path.</param>
/// <param name="Replaces">Whether a file is there that would be replaced.</param>
public sealed record DiskPlan(DiskRequest Request, BaseImage Image, string Path, bool Replaces);
