namespace ImageCache.Engine.Tests;

/// <summary>A directory of one test, gone with it.</summary>
internal sealed class TestDirectory : IDisposable
{
    public string FullPath { get; } = Directory.CreateTempSubdirectory("imagecache-test-").FullName;

    public string this[string name] => Path.Join(FullPath, name);

    /// <summary>An empty cache directory below it.</summary>
    public string NewCache()
    {
        string path = this["instances/_base"];
        Directory.CreateDirectory(path);
        return path;
    }

    public void Dispose() => Directory.Delete(FullPath, recursive: true);
}
