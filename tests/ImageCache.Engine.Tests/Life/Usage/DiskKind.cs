namespace ImageCache.Engine.Tests.Life.Usage;

/// <summary>What a disk of a random tree is built on.</summary>
internal enum DiskKind
{
    Alone,
    OnBase,
    OnDisk,
    OnTarget,
    Damaged,
}
