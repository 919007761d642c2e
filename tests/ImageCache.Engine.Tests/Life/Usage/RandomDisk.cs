namespace ImageCache.Engine.Tests.Life.Usage;

/// <summary>One disk of a random tree.</summary>
internal sealed record RandomDisk(int Directory, DiskKind Kind, int Below, DiskNaming Naming, bool IsLink);
