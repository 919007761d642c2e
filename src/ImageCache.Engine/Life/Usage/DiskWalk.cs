using ImageCache.Engine.Native.Posix;
using ImageCache.Engine.Store;

namespace ImageCache.Engine.Life.Usage;

/// <summary>
/// Finds every file below instances_path whatever its name (nova itself looks at <c>disk</c> only). Links to directories are followed,
/// each directory is entered once, and what cannot be entered is said to be in doubt.
/// </summary>
internal sealed class DiskWalk(CacheLayout layout, UsageNotes notes)
{
    private const int DeepestDirectory = 12;
    private const int MostEntries = 2_000_000;
    private const char Replacement = '\uFFFD';

    private readonly HashSet<(uint Major, uint Minor, ulong Inode)> _seen = [];
    private readonly HashSet<(uint Major, uint Minor, ulong Inode)> _above = [];
    private int _entries;

    /// <summary>All regular files, as the directories are read.</summary>
    public IEnumerable<DiskFile> Disks(CancellationToken cancellationToken)
    {
        PassOver(layout.CachePath, _seen);
        PassOver(layout.LocksPath, _seen);
        for (string? above = Path.GetDirectoryName(layout.InstancesPath); above is not null; above = Path.GetDirectoryName(above))
        {
            PassOver(above, _above);
        }

        // A cache in the root directory has no instances of its own.
        return Path.GetDirectoryName(layout.InstancesPath) is null ? [] : In(layout.InstancesPath, 0, cancellationToken);
    }

    private static void PassOver(string path, HashSet<(uint Major, uint Minor, ulong Inode)> identities)
    {
        try
        {
            if (FileStatus.OfPath(path, follow: true) is { } status)
            {
                identities.Add(status.Identity);
            }
        }
        catch (IOException)
        {
            // Then it is not entered either.
        }
    }

    private IEnumerable<DiskFile> In(string directory, int depth, CancellationToken cancellationToken)
    {
        foreach (string path in Entries(directory))
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (++_entries > MostEntries)
            {
                notes.Doubt(layout.InstancesPath, $"it holds more than {MostEntries} files");
                yield break;
            }

            if (Look(path) is not { } disk)
            {
                continue;
            }

            if (disk.Status is { IsRegular: true })
            {
                if (!IsConsoleLog(path))
                {
                    yield return disk;
                }
            }
            else if (disk.Status is { IsDirectory: true } status && MayEnter(path, status, depth))
            {
                foreach (DiskFile inner in In(path, depth + 1, cancellationToken))
                {
                    yield return inner;
                }
            }
        }
    }

    // virtlogd's (console.log, console.log.0 …), which nova may not read, and in which a guest writes what it likes.
    private static bool IsConsoleLog(string path)
    {
        const string ConsoleLog = "console.log";
        ReadOnlySpan<char> name = Path.GetFileName(path.AsSpan());
        return name.StartsWith(ConsoleLog)
            && (name.Length == ConsoleLog.Length || (name[ConsoleLog.Length] == '.' && !name[(ConsoleLog.Length + 1)..].ContainsAnyExceptInRange('0', '9')));
    }

    private bool MayEnter(string path, in FileStatus status, int depth)
    {
        if (_above.Contains(status.Identity) || depth >= DeepestDirectory)
        {
            notes.Doubt(path, depth >= DeepestDirectory ? "it lies too deep" : "it leads to a directory above the instances");
            return false;
        }

        // fsck's, for root alone: no disk that somebody uses is in it.
        return _seen.Add(status.Identity) && !(depth == 0 && status.UserId == 0 && Path.GetFileName(path) == "lost+found");
    }

    private List<string> Entries(string directory)
    {
        try
        {
            return [.. Directory.EnumerateFileSystemEntries(directory)];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            if (Directory.Exists(directory))
            {
                notes.Doubt(directory, e.Message);
            }

            return [];
        }
    }

    private DiskFile? Look(string path)
    {
        try
        {
            FileStatus? status = FileStatus.OfPath(path);
            if (status is null && path.Contains(Replacement, StringComparison.Ordinal))
            {
                notes.Doubt(path, "its name is no UTF-8");
                return null;
            }

            return status is not { IsSymbolicLink: true } ? new DiskFile(path, status, false) : new DiskFile(path, FileStatus.OfPath(path, follow: true), true);
        }
        catch (IOException e)
        {
            // A link that leads to itself is no disk for anybody.
            if (e.HResult is not (PosixError.ELOOP or PosixError.ENOTDIR))
            {
                notes.Doubt(path, e.Message);
            }

            return null;
        }
    }
}
