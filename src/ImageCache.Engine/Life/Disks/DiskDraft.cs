using ImageCache.Engine.Native.Posix;
using ImageCache.Engine.Store;
using Microsoft.Win32.SafeHandles;

namespace ImageCache.Engine.Life.Disks;

/// <summary>
/// A disk that is being written, beside its place and under a name of ours. It is written through one handle that was made for it, so
/// that nobody who may write in the directory can lead us elsewhere, and locked while its process lives: one without a lock is a leftover.
/// </summary>
internal sealed class DiskDraft : IDisposable
{
    /// <summary>How the names of drafts begin.</summary>
    public const string Prefix = ".imagecache-disk-";

    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    // As nova-compute's own files are, with its usual umask.
    private const UnixFileMode DiskMode = Private | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    private readonly HeldDirectory _directory;
    private readonly string _name;
    private readonly string _shownPath;
    private bool _isPublished;

    private DiskDraft(HeldDirectory directory, string name, string shownPath, SafeFileHandle handle)
    {
        _directory = directory;
        _name = name;
        _shownPath = shownPath;
        Handle = handle;
    }

    public SafeFileHandle Handle { get; }

    /// <summary>Makes one; leftovers of dead processes in the directory go.</summary>
    /// <param name="directory">The directory, held by the caller.</param>
    /// <param name="shownPath">How messages name the disk.</param>
    /// <exception cref="IOException">It cannot be made.</exception>
    public static DiskDraft Create(HeldDirectory directory, string shownPath)
    {
        Sweep(directory);
        while (true)
        {
            string name = $"{Prefix}{Guid.NewGuid():N}";
            SafeFileHandle handle = OpenFile.Open(
                directory.PathOf(name), OpenFile.ReadWrite | OpenFile.Create | OpenFile.Exclusive | OpenFile.NoFollow, Private);
            try
            {
                // Between making and locking it another of us may take it for a leftover.
                if (RecordLock.TryTake(handle, shownPath) && FileStatus.OfHandle(handle, shownPath).Links > 0)
                {
                    return new DiskDraft(directory, name, shownPath, handle);
                }

                handle.Dispose();
            }
            catch
            {
                handle.Dispose();
                File.Delete(directory.PathOf(name));
                throw;
            }
        }
    }

    /// <summary>Gives it its mode, its owner and its final name, and puts all of that on the disk.</summary>
    /// <returns>Whether it has the name; not when there is something already, and it is not to be replaced.</returns>
    public bool Publish(string name, bool replace)
    {
        File.SetUnixFileMode(Handle, DiskMode);
        FileOwner.Adopt(Handle, _shownPath, _directory.Status);
        Sync.File(Handle, _shownPath);
        if (replace)
        {
            Rename.Replace(_directory.PathOf(_name), _directory.PathOf(name));
            _isPublished = true;
        }
        else
        {
            _isPublished = Rename.TryCreate(_directory.PathOf(_name), _directory.PathOf(name));
        }

        if (_isPublished)
        {
            _directory.Sync();
        }

        return _isPublished;
    }

    /// <summary>Removes it, unless it was published.</summary>
    public void Dispose()
    {
        try
        {
            if (!_isPublished)
            {
                File.Delete(_directory.PathOf(_name));
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The next draft in this directory takes it.
        }
        finally
        {
            if (!Handle.IsClosed)
            {
                RecordLock.Release(Handle);
                Handle.Dispose();
            }
        }
    }

    private static void Sweep(HeldDirectory directory)
    {
        foreach (string name in directory.Names().Where(static name => name.StartsWith(Prefix, StringComparison.Ordinal)))
        {
            try
            {
                using SafeFileHandle handle = OpenFile.Open(directory.PathOf(name), OpenFile.ReadWrite | OpenFile.NoFollow);
                if (FileStatus.OfHandle(handle, name).IsRegular && RecordLock.TryTake(handle, name))
                {
                    File.Delete(directory.PathOf(name));
                    RecordLock.Release(handle);
                }
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // Somebody else's, or gone.
            }
        }
    }
}
