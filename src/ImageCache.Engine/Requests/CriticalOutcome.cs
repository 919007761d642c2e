namespace ImageCache.Engine.Requests;

/// <summary>What became of one critical image. Both may be there: it is registered, and could not be fetched.</summary>
/// <param name="Subject">What the user called it.</param>
/// <param name="Image">How it stands with it; <see langword="null"/> when it is not registered.</param>
/// <param name="Error">What went wrong.</param>
public sealed record CriticalOutcome(string Subject, CriticalImage? Image, ImageCacheException? Error);
