namespace ImageCache.Engine.Tests.Volumes;

/// <summary>Something that happens to a <see cref="LinkModel"/>, and the fault that comes at one of its steps.</summary>
internal sealed record LinkAction(LinkActionKind Kind, int Image, LinkFault Fault, int Step);
