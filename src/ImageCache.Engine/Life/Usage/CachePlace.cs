namespace ImageCache.Engine.Life.Usage;

/// <summary>What a path means for a cache.</summary>
/// <param name="Names">The files of the cache that it names, by itself or by the links on its way.</param>
/// <param name="IsInCache">Whether it ends at a file of the cache.</param>
/// <param name="IsLinkOfCache">Whether it leads out of the cache again: such a link shows a volume, and a volume has no backing file.</param>
internal sealed record CachePlace(IReadOnlyList<string> Names, bool IsInCache, bool IsLinkOfCache);
