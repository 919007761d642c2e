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
        foreach (string path in Directory.GetFileSystemEntries(layout.TemporaryPath))
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (IsLeftover(path) && (dryRun || TryRemove(path)))
            {
                found.Add(path);
            }
        }

        return found;
    }

    private static bool IsLeftover(string path)
    {
        string lockPath = Path.Join(path, TemporaryDirectory.LockName);
        if (!File.Exists(lockPath))
        {
            return FileStatus.OfPath(path) is not null;
        }

        try
        {
            using BaseFileLock? held = BaseFileLock.TryAcquire(lockPath);
            return held is not null;
        }
        catch (IOException e) when (e.HResult == PosixError.ENOENT)
        {
            // Its owner has just cleaned up.
            return false;
        }
    }

    // An owner may be cleaning up at the same time: what is gone is no leftover any more.
    private static bool TryRemove(string path)
    {
        try
        {
            // The attributes are those of the entry itself: a link to a directory is unlinked, never followed.
            FileAttributes attributes = File.GetAttributes(path);
            if (attributes.HasFlag(FileAttributes.Directory) && !attributes.HasFlag(FileAttributes.ReparsePoint))
            {
                Directory.Delete(path, recursive: true);
            }
            else
            {
                File.Delete(path);
            }

            return true;
        }
        catch (Exception e) when (e is DirectoryNotFoundException or FileNotFoundException)
        {
            return false;
        }
        catch (IOException e) when (e.HResult == PosixError.ENOTEMPTY)
        {
            // A child of the dead process still made a file; the next sweep takes it.
            return false;
        }
    }
}
