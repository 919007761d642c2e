namespace ImageCache.Engine.Configuration;

/// <summary>One assignment of a nova.conf.</summary>
/// <param name="Path">The file.</param>
/// <param name="Line">The line that it begins on, from 1.</param>
/// <param name="Group">The section.</param>
/// <param name="Name">The key.</param>
/// <param name="Text">The value, before anything is substituted.</param>
internal sealed record NovaEntry(string Path, int Line, string Group, string Name, string Text)
{
    /// <summary>Where it stands, for people.</summary>
    public string Origin => $"{Path}:{Line} [{Group}] {Name}";
}
