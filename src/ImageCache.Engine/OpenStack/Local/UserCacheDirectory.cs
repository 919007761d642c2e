namespace ImageCache.Engine.OpenStack.Local;

/// <summary>
/// The user's own directory for what can be had again: <c>$XDG_CACHE_HOME/imagecache</c> or <c>~/.cache/imagecache</c>. Files there
/// are for their owner only. Nothing fails for want of it. Source: XDG Base Directory Specification.
/// </summary>
internal sealed class UserCacheDirectory(EngineOptions options)
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private readonly string? _path = Locate(options);

    /// <summary>The content of a file; <see langword="null"/> when it is not there, too large, or cannot be read.</summary>
    public byte[]? TryRead(string name, long largest)
    {
        if (_path is null)
        {
            return null;
        }

        try
        {
            using FileStream file = File.OpenRead(Path.Combine(_path, name));
            if (file.Length > largest)
            {
                return null;
            }

            byte[] content = new byte[file.Length];
            file.ReadExactly(content);
            return content;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Writes a file whole or not at all, and says whether it did.</summary>
    public bool TryWrite(string name, ReadOnlySpan<byte> content)
    {
        if (_path is null || OperatingSystem.IsWindows())
        {
            return false;
        }

        string temporary = Path.Combine(_path, $".{name}.{Guid.NewGuid():N}");
        try
        {
            Directory.CreateDirectory(_path, OwnerOnly | UnixFileMode.UserExecute);
            try
            {
                using (FileStream file = new(temporary, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = OwnerOnly }))
                {
                    file.Write(content);
                }

                File.Move(temporary, Path.Combine(_path, name), overwrite: true);
                return true;
            }
            finally
            {
                File.Delete(temporary);
            }
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private static string? Locate(EngineOptions options)
    {
        string? cacheHome = options.Environment.GetValueOrDefault("XDG_CACHE_HOME");
        string? home = options.Environment.GetValueOrDefault("HOME");
        return Path.IsPathRooted(cacheHome) ? Path.Combine(cacheHome, "imagecache")
            : Path.IsPathRooted(home) ? Path.Combine(home, ".cache", "imagecache")
            : null;
    }
}
