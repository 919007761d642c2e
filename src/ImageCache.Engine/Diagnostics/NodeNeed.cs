namespace ImageCache.Engine.Diagnostics;

/// <summary>What a node must have. It is looked at on every fetch that may need it, so it is quick, and asks nobody.</summary>
internal sealed record NodeNeed(string Name, string Description, Func<NeedAnswer> Check) : Need(Name, Description);
