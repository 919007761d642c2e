using ImageCache.Engine.Formats;
using ImageCache.Engine.Native.Posix;
using ImageCache.Engine.Store;
using Microsoft.Win32.SafeHandles;

namespace ImageCache.Engine.Life.Usage;

/// <summary>
/// Finds the base files in use: every file below instances_path is looked at, whatever its name (nova itself looks at <c>disk</c>
/// only, and at one level), and its whole backing chain is followed. What cannot be read may use anything.
/// </summary>
internal sealed class UsageScanner(CacheLayout layout)
{
    private const int DeepestDirectory = 3;
    private const int LongestChain = 64;

    /// <summary>Scans all instances.</summary>
    public UsageReport Scan(CancellationToken cancellationToken)
    {
        Dictionary<string, SortedSet<string>> users = new(StringComparer.Ordinal);
        SortedDictionary<string, string> unreadable = new(StringComparer.Ordinal);
        if (Path.GetDirectoryName(layout.InstancesPath) is not null)
        {
            ScanDirectory(layout.InstancesPath, 0, users, unreadable, cancellationToken);
        }

        return new UsageReport(
            users.ToDictionary(static pair => pair.Key, static pair => (IReadOnlyList<string>)[.. pair.Value], StringComparer.Ordinal),
            unreadable);
    }

    private void ScanDirectory(
        string directory,
        int depth,
        Dictionary<string, SortedSet<string>> users,
        SortedDictionary<string, string> unreadable,
        CancellationToken cancellationToken)
    {
        IEnumerable<string> entries;
        try
        {
            entries = Directory.EnumerateFileSystemEntries(directory).ToList();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            if (Directory.Exists(directory))
            {
                unreadable[directory] = e.Message;
            }

            return;
        }

        foreach (string path in entries.Where(path => path != layout.CachePath && path != layout.LocksPath))
        {
            cancellationToken.ThrowIfCancellationRequested();
            FileStatus? status = Look(path, unreadable);
            if (status is { IsDirectory: true } && depth < DeepestDirectory)
            {
                ScanDirectory(path, depth + 1, users, unreadable, cancellationToken);
            }
            else if (status is { IsDirectory: false } && depth > 0)
            {
                FollowChain(path, users, unreadable);
            }
        }
    }

    private static FileStatus? Look(string path, SortedDictionary<string, string> unreadable)
    {
        try
        {
            return FileStatus.OfPath(path);
        }
        catch (IOException e)
        {
            unreadable[path] = e.Message;
            return null;
        }
    }

    private void FollowChain(string disk, Dictionary<string, SortedSet<string>> users, SortedDictionary<string, string> unreadable)
    {
        string current = disk;
        for (int level = 0; level < LongestChain; level++)
        {
            BackingReference reference = Read(current);
            if (reference.Unreadable is { } reason)
            {
                unreadable[disk] = current == disk ? reason : $"{current}: {reason}";
                return;
            }

            if (reference.DataFile is { } data)
            {
                NoteUse(Path.GetFullPath(data, Path.GetDirectoryName(current)!), disk, users);
            }

            if (reference.BackingFile is not { } backing)
            {
                return;
            }

            current = Path.GetFullPath(backing, Path.GetDirectoryName(current)!);
            NoteUse(current, disk, users);
        }

        unreadable[disk] = $"its backing chain has more than {LongestChain} levels";
    }

    private void NoteUse(string path, string disk, Dictionary<string, SortedSet<string>> users)
    {
        // By name, as nova does, and only the name: the cache may be reached by several paths.
        string name = Path.GetFileName(path);
        if (Path.GetDirectoryName(path) == layout.CachePath || CacheLayout.IsBaseName(name))
        {
            if (!users.TryGetValue(name, out SortedSet<string>? disks))
            {
                users[name] = disks = new SortedSet<string>(StringComparer.Ordinal);
            }

            disks.Add(disk);
        }
    }

    private static BackingReference Read(string path)
    {
        try
        {
            if (FileStatus.OfPath(path, follow: true) is not { IsRegular: true })
            {
                // A socket, a pipe or a dangling link holds no header; a device is raw as far as a base file is concerned.
                return BackingReference.None;
            }

            using SafeFileHandle handle = OpenFile.Open(path, OpenFile.ReadOnly);
            return BackingFileReader.Read(handle);
        }
        catch (IOException e) when (e.HResult == PosixError.ENOENT)
        {
            return BackingReference.None;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return BackingReference.Unknown(e.Message);
        }
    }
}
