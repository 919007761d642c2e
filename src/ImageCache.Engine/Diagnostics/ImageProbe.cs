namespace ImageCache.Engine.Diagnostics;

/// <summary>Tries out what an image must have.</summary>
internal sealed record ImageProbe(string Name, string Description, Func<ImageDescriptor, CancellationToken, Task<NeedAnswer>> CheckAsync)
    : Probe(Name, Description);
