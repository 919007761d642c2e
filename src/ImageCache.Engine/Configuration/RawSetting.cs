namespace ImageCache.Engine.Configuration;

/// <summary>A setting as it was written, before it is read as a value.</summary>
/// <param name="Values">The text; several for a list, none for "nothing chosen".</param>
/// <param name="IsList">Whether it was written as a list.</param>
/// <param name="Source">The level that it comes from.</param>
/// <param name="Origin">The parameter, variable, or file with line and key.</param>
/// <param name="BaseDirectory">The directory against which a relative path counts.</param>
internal sealed record RawSetting(
    IReadOnlyList<string> Values, bool IsList, SettingSource Source, string Origin, string BaseDirectory)
{
    /// <summary>The one text.</summary>
    /// <exception cref="FormatException">It is a list.</exception>
    public string Text => !IsList && Values.Count == 1 ? Values[0] : throw new FormatException("A single value is expected.");

    /// <summary>What a person wrote, for messages.</summary>
    public string Written => IsList ? $"[{string.Join(", ", Values)}]" : string.Join(", ", Values);
}
