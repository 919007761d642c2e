namespace ImageCache.Engine.Tests.Life.Usage;

/// <summary>How a disk of a random tree names what it is built on.</summary>
internal enum DiskNaming
{
    Absolute,
    Relative,
    Json,
    Protocol,
}
