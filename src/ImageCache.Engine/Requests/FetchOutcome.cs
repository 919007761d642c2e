namespace ImageCache.Engine.Requests;

/// <summary>What became of a <see cref="FetchRequest"/>: exactly one of image and error is there.</summary>
/// <param name="Request">The request.</param>
/// <param name="Image">The base image.</param>
/// <param name="Error">Why there is none.</param>
public sealed record FetchOutcome(FetchRequest Request, BaseImage? Image, ImageCacheException? Error);
