namespace ImageCache.Engine.OpenStack.Compute;

/// <summary>What matters here of a flavor.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Name">Its name.</param>
/// <param name="RootGibibytes">The size of its root disk; 0 is the image's own.</param>
internal sealed record Flavor(string Id, string Name, int RootGibibytes);
