using System.Globalization;
using ImageCache.Engine.Native.Posix;
using Microsoft.Win32.SafeHandles;

namespace ImageCache.Engine.Store;

/// <summary>
/// A directory that is held open, and whose files are reached through the handle: who may rename things above it cannot put another
/// directory, or a link, in its place meanwhile. The paths are those of proc(5), so that every function and every child process of this
/// user can take them.
/// </summary>
internal sealed class HeldDirectory : IDisposable
{
    private readonly SafeFileHandle _handle;
    private readonly string _path;
    private readonly string _prefix;

    private HeldDirectory(SafeFileHandle handle, string path)
    {
        _handle = handle;
        _path = path;
        _prefix = string.Create(CultureInfo.InvariantCulture, $"/proc/{Environment.ProcessId}/fd/{handle.DangerousGetHandle()}/");
    }

    public FileStatus Status => FileStatus.OfHandle(_handle, _path);

    /// <summary>Opens one of our directories in a cache. The cache itself may be reached by a link, which is the administrator's; ours may not.</summary>
    /// <param name="layout">The cache.</param>
    /// <param name="names">The names from the cache directory on.</param>
    /// <exception cref="IOException">One of them is missing, or no directory.</exception>
    public static HeldDirectory Open(CacheLayout layout, params ReadOnlySpan<string> names)
    {
        HeldDirectory current = new(OpenFile.Open(layout.CachePath, OpenFile.ReadOnly | OpenFile.Directory), layout.CachePath);
        foreach (string name in names)
        {
            using HeldDirectory parent = current;
            current = parent.Child(name);
        }

        return current;
    }

    /// <summary>Opens any directory, by whatever links lead to it.</summary>
    /// <exception cref="IOException">It is missing, or no directory.</exception>
    public static HeldDirectory Reach(string path) => new(OpenFile.Open(path, OpenFile.ReadOnly | OpenFile.Directory), path);

    /// <summary>Where it really lies, without a link on the way.</summary>
    public string RealPath => new FileInfo(_prefix.TrimEnd('/')).LinkTarget ?? _path;

    /// <summary>Opens a directory in it; a link is refused.</summary>
    public HeldDirectory Child(string name)
    {
        string path = Path.Join(_path, name);
        try
        {
            return new HeldDirectory(OpenFile.Open(PathOf(name), OpenFile.ReadOnly | OpenFile.Directory | OpenFile.NoFollow), path);
        }
        catch (IOException e)
        {
            throw PosixError.Exception("open", path, e.HResult);
        }
    }

    /// <summary>The path by which a file in it is reached while it is held.</summary>
    public string PathOf(string name) => _prefix + name;

    /// <summary>What is in it.</summary>
    public IReadOnlyList<string> Names() => [.. Directory.GetFileSystemEntries(_prefix).Select(static path => Path.GetFileName(path))];

    /// <summary>Puts its names on the disk.</summary>
    public void Sync() => Native.Posix.Sync.File(_handle, _path);

    /// <summary>Removes something in it with all that is in that, never following a link. What is gone already is no error.</summary>
    public void Remove(string name)
    {
        string path = PathOf(name);
        if (FileStatus.OfPath(path) is not { IsDirectory: true })
        {
            File.Delete(path);
            return;
        }

        using (HeldDirectory child = Child(name))
        {
            foreach (string entry in child.Names())
            {
                child.Remove(entry);
            }
        }

        Directory.Delete(path);
    }

    public void Dispose() => _handle.Dispose();
}
