namespace ImageCache.Engine.Tests.Volumes;

/// <summary>What goes wrong in a <see cref="LinkAction"/>.</summary>
internal enum LinkFault
{
    None,
    Killed,
    CinderDown,
}
