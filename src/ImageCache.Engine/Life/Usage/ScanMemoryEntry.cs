using ImageCache.Engine.Formats;

namespace ImageCache.Engine.Life.Usage;

/// <summary>One disk as it was read.</summary>
internal sealed record ScanMemoryEntry(DiskMark Mark, BackingReference Reference);
