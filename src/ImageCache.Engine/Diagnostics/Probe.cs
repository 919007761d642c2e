namespace ImageCache.Engine.Diagnostics;

/// <summary>
/// What a fetch finds out by doing it, tried out for the diagnostic alone: it runs a program or asks a service. Errors of the engine need not
/// be caught.
/// </summary>
internal abstract record Probe(string Name, string Description) : Need(Name, Description)
{
    /// <summary>Whether a service is asked: done only where the user says so.</summary>
    public bool IsOnline { get; init; } = true;

    /// <summary>The names of needs that it builds on: while one of them is not met, this is not tried.</summary>
    public IReadOnlyList<string> After { get; init; } = [];
}
