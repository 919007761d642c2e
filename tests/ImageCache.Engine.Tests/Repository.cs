namespace ImageCache.Engine.Tests;

/// <summary>The clone that the tests were built from.</summary>
internal static class Repository
{
    /// <summary>Finds a file of it, up from the test's binaries.</summary>
    public static string? Find(string relative)
    {
        for (DirectoryInfo? directory = new(AppContext.BaseDirectory); directory is not null; directory = directory.Parent)
        {
            string path = Path.Combine(directory.FullName, relative);
            if (File.Exists(path))
            {
                return path;
            }
        }

        return null;
    }
}
