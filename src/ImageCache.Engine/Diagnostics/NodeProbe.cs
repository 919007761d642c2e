namespace ImageCache.Engine.Diagnostics;

/// <summary>Tries out what a node must have.</summary>
internal sealed record NodeProbe(string Name, string Description, Func<CancellationToken, Task<NeedAnswer>> CheckAsync) : Probe(Name, Description);
