using ImageCache.Engine.Native.Posix;
using ImageCache.Engine.Store;

namespace ImageCache.Engine.Life.Prune;

/// <summary>
/// Tells whether some process has a file open, by proc(5). Who is not root sees the processes of one user only: of nova's, as nova.
/// </summary>
internal static class OpenFiles
{
    /// <summary>Those of some files that are open.</summary>
    public static IReadOnlySet<PruneFile> Of(IReadOnlyCollection<PruneFile> files)
    {
        HashSet<PruneFile> open = new(ReferenceEqualityComparer.Instance);
        if (files.Count == 0)
        {
            return open;
        }

        ILookup<string, PruneFile> byName = files.ToLookup(static file => file.Name);
        foreach (string link in Directory.EnumerateDirectories("/proc").Where(static path => char.IsAsciiDigit(Path.GetFileName(path)[0])).SelectMany(Descriptors))
        {
            // The name is looked at first: to look at all that is open may wait for a server that is gone.
            string? target = CacheEntry.LinkTarget(link);
            foreach (PruneFile file in target is null ? [] : byName[Path.GetFileName(target)])
            {
                if (IsSame(link, file))
                {
                    open.Add(file);
                }
            }
        }

        return open;
    }

    private static IEnumerable<string> Descriptors(string process)
    {
        try
        {
            return [.. Directory.EnumerateFileSystemEntries(Path.Join(process, "fd"))];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It has ended, or is another user's.
            return [];
        }
    }

    private static bool IsSame(string link, PruneFile file)
    {
        try
        {
            return FileStatus.OfPath(link, follow: true) is { } status
                && FileFingerprint.Of(status) is { } seen
                && (seen.Device, seen.Inode) == (file.Fingerprint?.Device, file.Fingerprint?.Inode);
        }
        catch (IOException)
        {
            return false;
        }
    }
}
