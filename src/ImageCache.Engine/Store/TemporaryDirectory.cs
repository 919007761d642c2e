using ImageCache.Engine.Native.Posix;
using Microsoft.Win32.SafeHandles;

namespace ImageCache.Engine.Store;

/// <summary>
/// A private directory of one operation inside the cache's file system, so that publishing is a rename. Its lock file is locked
/// while the process lives, which tells the sweep of any other process, also in another container, that it is not a leftover. Only its
/// owner can look into it, and it is held open: who may write in the cache can rename it, but not put another in its place.
/// </summary>
internal sealed class TemporaryDirectory : IDisposable
{
    public const string LockName = "owner.lock";

    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
    private const UnixFileMode PrivateFile = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private readonly HeldDirectory _directory;
    private readonly CacheLayout _layout;
    private readonly string _name;
    private readonly BaseFileLock _owner;

    private TemporaryDirectory(CacheLayout layout, string name, HeldDirectory directory, BaseFileLock owner)
    {
        _layout = layout;
        _name = name;
        _directory = directory;
        _owner = owner;
    }

    /// <summary>Makes a directory. The sweep lock keeps a sweeper out between making and locking it.</summary>
    public static async Task<TemporaryDirectory> CreateAsync(CacheLayout layout, CancellationToken cancellationToken)
    {
        using BaseFileLock sweep = await BaseFileLock.AcquireAsync(layout.SweepLockPath, null, cancellationToken).ConfigureAwait(false);
        string name = $"{Environment.MachineName}-{Environment.ProcessId}-{Guid.NewGuid():N}";
        using HeldDirectory all = HeldDirectory.Open(layout, CacheLayout.PrivateName, CacheLayout.TemporaryName);
        Directory.CreateDirectory(all.PathOf(name), Private);
        HeldDirectory? directory = null;
        try
        {
            directory = all.Child(name);
            RequireOurs(directory, name);
            BaseFileLock owner = BaseFileLock.TryAcquire(directory.PathOf(LockName))
                ?? throw new IOException($"The new lock file in '{name}' is locked already");
            return new TemporaryDirectory(layout, name, directory, owner);
        }
        catch (IOException)
        {
            // A full disk may have room for the directory and none for the file.
            directory?.Dispose();
            all.Remove(name);
            throw;
        }
    }

    /// <summary>The path of a file in it, for this process and its children.</summary>
    public string PathOf(string name) => _directory.PathOf(name);

    /// <summary>Makes a new file that only its owner can open; one of the name is gone then.</summary>
    public SafeFileHandle CreateFile(string name)
    {
        File.Delete(PathOf(name));
        return OpenFile.Open(PathOf(name), OpenFile.ReadWrite | OpenFile.Create | OpenFile.Exclusive | OpenFile.NoFollow, PrivateFile);
    }

    /// <summary>Removes the directory with all that is in it, then lets the lock go.</summary>
    public void Dispose()
    {
        try
        {
            _directory.Dispose();
            using HeldDirectory all = HeldDirectory.Open(_layout, CacheLayout.PrivateName, CacheLayout.TemporaryName);
            all.Remove(_name);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Gone already; or what cannot be removed now is a leftover of a dead process for the next sweep.
        }
        finally
        {
            _owner.Dispose();
        }
    }

    // Between making and opening it somebody may have put another one there.
    private static void RequireOurs(HeldDirectory directory, string name)
    {
        FileStatus status = directory.Status;
        if (status.UserId != FileOwner.EffectiveUserId() || (status.Mode & ~Private) != 0)
        {
            throw new IOException($"The new private directory '{name}' is not private");
        }
    }
}
