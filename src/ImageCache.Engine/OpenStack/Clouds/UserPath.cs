namespace ImageCache.Engine.OpenStack.Clouds;

/// <summary>Paths as people write them.</summary>
internal static class UserPath
{
    /// <summary>The path with a leading tilde replaced by the home directory in force.</summary>
    public static string Expand(string path, EngineOptions options)
        => (path == "~" || path.StartsWith("~/", StringComparison.Ordinal)) && options.Environment.GetValueOrDefault("HOME") is { Length: > 0 } home
            ? home + path[1..]
            : path;

    /// <summary>The absolute path.</summary>
    public static string Full(string path, EngineOptions options) => Path.GetFullPath(Expand(path, options), options.WorkingDirectory);
}
