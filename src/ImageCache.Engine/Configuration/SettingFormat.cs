namespace ImageCache.Engine.Configuration;

/// <summary>How the text of a setting is read.</summary>
/// <param name="Expected">What must be written, in words that complete "… is expected".</param>
/// <param name="Parse">Reads it; throws <see cref="FormatException"/> when it cannot be.</param>
internal sealed record SettingFormat<T>(string Expected, Func<RawSetting, T> Parse);
