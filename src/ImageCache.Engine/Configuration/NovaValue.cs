namespace ImageCache.Engine.Configuration;

/// <summary>A setting's value as nova.conf gives it.</summary>
/// <param name="Value">The value.</param>
/// <param name="Origin">The file with its line, section and option.</param>
internal sealed record NovaValue<T>(T Value, string Origin);
