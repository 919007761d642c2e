namespace ImageCache.Engine.Store;

/// <summary>
/// A private directory of one operation inside the cache's file system, so that publishing is a rename. Its lock file is locked
/// while the process lives, which tells the sweep of any other process, also in another container, that it is not a leftover.
/// </summary>
internal sealed class TemporaryDirectory : IDisposable
{
    public const string LockName = "owner.lock";

    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    private readonly BaseFileLock _owner;

    private TemporaryDirectory(string path, BaseFileLock owner)
    {
        FullPath = path;
        _owner = owner;
    }

    public string FullPath { get; }

    /// <summary>Makes a directory. The sweep lock keeps a sweeper out between making and locking it.</summary>
    public static async Task<TemporaryDirectory> CreateAsync(CacheLayout layout, CancellationToken cancellationToken)
    {
        using BaseFileLock sweep = await BaseFileLock.AcquireAsync(layout.SweepLockPath, null, cancellationToken).ConfigureAwait(false);
        string path = Path.Join(layout.TemporaryPath, $"{Environment.MachineName}-{Environment.ProcessId}-{Guid.NewGuid():N}");
        Directory.CreateDirectory(path, Private);
        try
        {
            BaseFileLock owner = BaseFileLock.TryAcquire(Path.Join(path, LockName))
                ?? throw new IOException($"The new lock file in '{path}' is locked already");
            return new TemporaryDirectory(path, owner);
        }
        catch (IOException)
        {
            // A full disk may have room for the directory and none for the file.
            Directory.Delete(path, recursive: true);
            throw;
        }
    }

    public string PathOf(string name) => Path.Join(FullPath, name);

    /// <summary>Removes the directory with all that is in it, then lets the lock go.</summary>
    public void Dispose()
    {
        try
        {
            Directory.Delete(FullPath, recursive: true);
        }
        catch (DirectoryNotFoundException)
        {
            // Gone already.
        }
        catch (IOException)
        {
            // What cannot be removed now is a leftover of a dead process for the next sweep.
        }
        finally
        {
            _owner.Dispose();
        }
    }
}
