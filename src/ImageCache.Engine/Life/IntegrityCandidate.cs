namespace ImageCache.Engine.Life;

/// <summary>A base file, or a record without one, that may have to be looked at.</summary>
/// <param name="BaseName">The file's name.</param>
/// <param name="ProvedAt">When it was proved intact, if that holds for the file as it is.</param>
internal sealed record IntegrityCandidate(string BaseName, DateTimeOffset? ProvedAt);
