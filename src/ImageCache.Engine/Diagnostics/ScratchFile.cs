using ImageCache.Engine.Native.Posix;
using Microsoft.Win32.SafeHandles;

namespace ImageCache.Engine.Diagnostics;

/// <summary>A file without a name, to try out what a file system can do. It is gone with its handles.</summary>
internal sealed class ScratchFile : IDisposable
{
    private const int Length = 8 << 20;
    private readonly string _path;
    private readonly SafeFileHandle _handle;
    private readonly SafeFileHandle _second;

    private ScratchFile(string path)
    {
        const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        _path = path;
        _handle = OpenFile.Open(path, OpenFile.ReadWrite | OpenFile.Create | OpenFile.Exclusive | OpenFile.NoFollow, Private);
        try
        {
            _second = OpenFile.Open(path, OpenFile.ReadWrite | OpenFile.NoFollow);
        }
        catch
        {
            _handle.Dispose();
            throw;
        }
        finally
        {
            File.Delete(path);
        }
    }

    /// <summary>Makes one, and takes its name away at once.</summary>
    public static ScratchFile In(string directory) => new(Path.Join(directory, $".imagecache-check-{Guid.NewGuid():N}"));

    /// <summary>Whether what was never written takes no room.</summary>
    public bool KeepsHoles()
    {
        RandomAccess.SetLength(_handle, Length);
        RandomAccess.Write(_handle, [1], Length - 1);
        Sync();
        return FileStatus.OfHandle(_handle, _path).Allocated < Length / 2;
    }

    public void Sync() => Native.Posix.Sync.File(_handle, _path);

    /// <summary>Whether a lock that is held keeps others out.</summary>
    public bool Excludes()
    {
        if (!RecordLock.TryTake(_handle, _path))
        {
            return false;
        }

        bool excludes = !RecordLock.TryTake(_second, _path);
        RecordLock.Release(_handle);
        return excludes;
    }

    public void Dispose()
    {
        _second.Dispose();
        _handle.Dispose();
    }
}
