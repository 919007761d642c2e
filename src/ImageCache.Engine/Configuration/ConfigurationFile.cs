using System.Text;

namespace ImageCache.Engine.Configuration;

/// <summary>Reads configuration files, bounded in size.</summary>
internal static class ConfigurationFile
{
    /// <summary>The text of a file, or <see langword="null"/> when there is none.</summary>
    /// <param name="path">The file.</param>
    /// <param name="limit">The most bytes that are read; a longer file is refused.</param>
    /// <param name="unreadableStep">What to do when this user may not read it.</param>
    /// <exception cref="InvalidInputException">It is there and cannot be read, or is too long.</exception>
    public static string? TryRead(string path, int limit, string? unreadableStep = null)
    {
        // Opened, not asked for first: a directory that may not be searched makes a file look absent, and its settings unsaid.
        try
        {
            using FileStream stream = new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            return Encoding.UTF8.GetString(ReadBounded(stream, path, limit)).TrimStart('\uFEFF');
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
        catch (UnauthorizedAccessException) when (Directory.Exists(path))
        {
            throw ConfigurationErrors.Invalid($"{path} is a directory; a file is expected.");
        }
        catch (Exception e) when (e is UnauthorizedAccessException or IOException)
        {
            throw ConfigurationErrors.Invalid($"{path} cannot be read: {e.Message}", unreadableStep, e);
        }
    }

    private static byte[] ReadBounded(FileStream stream, string path, int limit)
    {
        using MemoryStream content = new();
        byte[] buffer = new byte[16 * 1024];
        int read;
        while ((read = stream.Read(buffer)) > 0)
        {
            content.Write(buffer, 0, read);
            if (content.Length > limit)
            {
                throw ConfigurationErrors.Invalid($"{path} is longer than {limit} bytes: it is no configuration file.");
            }
        }

        return content.ToArray();
    }
}
