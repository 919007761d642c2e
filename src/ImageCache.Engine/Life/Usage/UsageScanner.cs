using ImageCache.Engine.Store;

namespace ImageCache.Engine.Life.Usage;

/// <summary>
/// Finds the base files in use: by every disk below instances_path, of this node or another one, by our own targets, and by running
/// processes of QEMU, each with its whole backing chain. What cannot be read may use anything. One scan at a time.
/// </summary>
/// <param name="layout">The cache.</param>
/// <param name="host">This node's name to nova.</param>
/// <param name="time">The clock.</param>
internal sealed class UsageScanner(CacheLayout layout, string? host = null, TimeProvider? time = null)
{
    private readonly Lock _lock = new();
    private readonly ScanMemory _memory = new(layout, time ?? TimeProvider.System);
    private readonly NovaRegistry _registry = new(layout, host ?? Environment.MachineName, time ?? TimeProvider.System);

    /// <summary>Where the system shows its processes.</summary>
    public string ProcessesPath { get; init; } = "/proc";

    /// <summary>Scans all instances.</summary>
    public UsageReport Scan(CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            return ScanNow(cancellationToken);
        }
    }

    private UsageReport ScanNow(CancellationToken cancellationToken)
    {
        UsageNotes notes = new();
        CachePlaces places;
        try
        {
            places = new CachePlaces(layout);
        }
        catch (IOException e)
        {
            notes.Doubt(layout.CachePath, e.Message);
            return notes.Report();
        }

        _memory.Begin();
        DiskHeaders headers = new(_memory);
        ChainFollower follower = new(places, headers, notes);
        foreach (DiskFile disk in new DiskWalk(layout, notes).Disks(cancellationToken))
        {
            follower.Follow(disk);
        }

        FollowTargets(follower, notes, cancellationToken);
        new QemuProcesses(places, headers, follower, notes, ProcessesPath).Look(cancellationToken);
        IReadOnlyList<SharingHost> sharing = _registry.Read(notes);
        _memory.Keep();
        return notes.Report() with { SharedWith = sharing, HeadersRead = headers.Read, HeadersKnown = headers.Known };
    }

    // A target uses its base by its name already, whatever its header says, and whether a disk uses it or not.
    private void FollowTargets(ChainFollower follower, UsageNotes notes, CancellationToken cancellationToken)
    {
        IEnumerable<string> targets;
        try
        {
            targets = Directory.EnumerateFiles(layout.TargetsPath).ToList();
        }
        catch (DirectoryNotFoundException)
        {
            return;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            notes.Doubt(layout.TargetsPath, e.Message);
            return;
        }

        foreach (string target in targets)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (CacheFileNames.BaseOfTarget(Path.GetFileName(target)) is { } baseName)
            {
                notes.Use([baseName], target);
            }

            follower.Follow(new DiskFile(target, null, false));
        }
    }
}
