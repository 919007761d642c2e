namespace ImageCache.Engine.Diagnostics;

/// <summary>What an image must have, told by its record alone. One may build on those before it.</summary>
internal sealed record ImageNeed(string Name, string Description, Func<ImageDescriptor, NeedAnswer> Check) : Need(Name, Description);
