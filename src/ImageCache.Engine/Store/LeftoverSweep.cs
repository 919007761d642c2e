using ImageCache.Engine.Native.Posix;

namespace ImageCache.Engine.Store;

/// <summary>Finds and removes what dead processes left in the temporary directory: all whose owner's lock is free.</summary>
internal sealed class LeftoverSweep(CacheLayout layout)
{
    /// <summary>Removes leftovers (or, in a dry run, only names them).</summary>
    /// <returns>The paths of the leftovers, complete after the enumeration.</returns>
    public async Task<IReadOnlyList<string>> RunAsync(bool dryRun, CancellationToken cancellationToken)
    {
        List<string> found = [];
        if (!Directory.Exists(layout.TemporaryPath) || !Directory.EnumerateFileSystemEntries(layout.TemporaryPath).Any())
        {
            return found;
        }

        using BaseFileLock sweep = await BaseFileLock.AcquireAsync(layout.SweepLockPath, null, cancellationToken).ConfigureAwait(false);
        using HeldDirectory all = HeldDirectory.Open(layout, CacheLayout.PrivateName, CacheLayout.TemporaryName);
        foreach (string name in all.Names())
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (IsLeftover(all, name) && (dryRun || TryRemove(all, name)))
            {
                found.Add(Path.Join(layout.TemporaryPath, name));
            }
        }

        return found;
    }

    private static bool IsLeftover(HeldDirectory all, string name)
    {
        if (FileStatus.OfPath(all.PathOf(name)) is not { } status)
        {
            return false;
        }

        if (!status.IsDirectory)
        {
            return true;
        }

        try
        {
            using HeldDirectory directory = all.Child(name);
            string lockPath = directory.PathOf(TemporaryDirectory.LockName);
            if (FileStatus.OfPath(lockPath) is null)
            {
                return true;
            }

            using BaseFileLock? held = BaseFileLock.TryAcquire(lockPath);
            return held is not null;
        }
        catch (IOException e) when (e.HResult is PosixError.ENOENT or PosixError.EACCES)
        {
            // Its owner has just cleaned up; or it is another user's, whose next sweep finds out.
            return false;
        }
    }

    // An owner may be cleaning up at the same time: what is gone is no leftover any more.
    private static bool TryRemove(HeldDirectory all, string name)
    {
        try
        {
            all.Remove(name);
            return true;
        }
        catch (Exception e) when (e is DirectoryNotFoundException or FileNotFoundException)
        {
            return false;
        }
        catch (IOException e) when (e.HResult is PosixError.ENOTEMPTY or PosixError.ENOENT)
        {
            // A child of the dead process still made a file; the next sweep takes it.
            return false;
        }
    }
}
