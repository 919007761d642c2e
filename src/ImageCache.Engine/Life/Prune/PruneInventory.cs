using ImageCache.Engine.Native.Posix;
using ImageCache.Engine.Store;

namespace ImageCache.Engine.Life.Prune;

/// <summary>Looks at everything in a cache that could leave it. Nothing is locked: what is seen may be gone a moment later.</summary>
internal sealed class PruneInventory(CacheLayout layout, CacheReader cache, RecordStore records)
{
    /// <summary>Looks.</summary>
    /// <exception cref="IOException">The cache cannot be read.</exception>
    public IReadOnlyList<PruneFile> Read(CancellationToken cancellationToken)
    {
        List<string> names = [.. Entries(layout.CachePath).Where(static name => name != CacheLayout.PrivateName)];
        PruneFile?[] bases = [.. names.AsParallel().AsOrdered().WithCancellation(cancellationToken).Select(InBase)];
        HashSet<string> present = [.. names];
        return
        [
            .. bases.OfType<PruneFile>(),
            .. Targets(),
            .. Aside(),
            .. records.Names().Where(name => !present.Contains(name)).Select(LonelyRecord).OfType<PruneFile>(),
        ];
    }

    private PruneFile? InBase(string name)
    {
        (PruneKind kind, string? baseName) = PruneNames.InBase(name);
        return kind == PruneKind.BaseImage
            ? Base(name)
            : Look(Path.Join(layout.CachePath, name), PrunePlace.Base, kind, baseName);
    }

    private PruneFile? Base(string baseName)
    {
        if (Look(layout.BasePath(baseName), PrunePlace.Base, PruneKind.BaseImage, baseName) is not { Kind: PruneKind.BaseImage or PruneKind.Unknown } file
            || file is { Fingerprint: null }
            || cache.Find(baseName) is not { } entry)
        {
            return Look(layout.BasePath(baseName), PrunePlace.Base, PruneKind.BaseImage, baseName);
        }

        file = WithRecord(file, entry.Record) with
        {
            Size = entry.DataSize,
            Problem = entry.Reading.State == RecordState.Newer ? "a newer version wrote its record" : file.Problem,
        };
        return entry.IsLink
            ? file with { Kind = PruneKind.Link, Problem = entry.Reading.State == RecordState.Newer ? file.Problem : null, Since = LinkUse(file, entry.Record!) }
            : file;
    }

    // A use does not show in a link's own time.
    private static DateTimeOffset LinkUse(PruneFile file, ImageRecord record)
    {
        DateTimeOffset used = record.LastUsedAt ?? record.FetchedAt;
        return used > file.Since ? used : file.Since;
    }

    // What tells on what a target was made goes with it.
    private IEnumerable<PruneFile> Targets()
    {
        HashSet<string> names = [.. Names(layout.TargetsPath)];
        foreach (string name in names)
        {
            string? ofRecord = name.EndsWith(".json", StringComparison.Ordinal) ? Path.GetFileNameWithoutExtension(name) : null;
            if (ofRecord is not null && names.Contains(ofRecord))
            {
                continue;
            }

            string? baseName = PruneNames.BaseOfTarget(ofRecord ?? name);
            PruneKind kind = baseName is null ? PruneKind.Unknown : ofRecord is null ? PruneKind.Target : PruneKind.Record;
            if (Look(Path.Join(layout.TargetsPath, name), PrunePlace.Targets, kind, baseName) is { } file)
            {
                yield return baseName is null ? file : WithRecord(file, records.Read(baseName).Record);
            }
        }
    }

    private PruneFile? LonelyRecord(string baseName)
    {
        PruneFile? file = Look(layout.RecordPath(baseName), PrunePlace.Records, PruneKind.Record, baseName);
        RecordReading reading = records.Read(baseName);
        return file is null ? null : WithRecord(file, reading.Record) with
        {
            Problem = reading.State == RecordState.Newer ? "a newer version wrote it" : file.Problem,
        };
    }

    // A record that was set aside with its file goes with it.
    private IEnumerable<PruneFile> Aside()
    {
        HashSet<string> names = [.. Names(layout.QuarantinePath)];
        foreach (string name in names.Order(StringComparer.Ordinal))
        {
            bool isRecord = name.EndsWith(".json", StringComparison.Ordinal);
            if (isRecord && names.Contains(Path.GetFileNameWithoutExtension(name)))
            {
                continue;
            }

            (string BaseName, DateTimeOffset Since)? known = PruneNames.InQuarantine(name);
            PruneKind kind = known is null ? PruneKind.Unknown : PruneKind.Quarantined;
            if (Look(Path.Join(layout.QuarantinePath, name), PrunePlace.Quarantine, kind, known?.BaseName) is { } file)
            {
                ImageRecord? record = known is { } aside && !isRecord ? UnusedQuarantine.Record(layout, aside.BaseName, name).Record : null;
                yield return WithRecord(file, record) with { Since = known?.Since ?? file.Since };
            }
        }
    }

    private static PruneFile WithRecord(PruneFile file, ImageRecord? record) => record is null ? file : file with
    {
        ImageId = record.Id,
        ImageName = record.Descriptor.Name,
        Method = record.Method,
        SourceSize = record.Descriptor.Size,
        LastUsedAt = record.LastUsedAt ?? record.FetchedAt,
    };

    private static PruneFile? Look(string path, PrunePlace place, PruneKind kind, string? baseName)
    {
        PruneFile file = new() { Name = Path.GetFileName(path), Place = place, Path = path, Kind = kind, BaseName = baseName };
        try
        {
            return FileStatus.OfPath(path) is not { } status ? null : file with
            {
                Kind = status.IsRegular || kind == PruneKind.BaseImage ? kind : PruneKind.Unknown,
                Size = status.Size,
                Allocated = status.Allocated,
                Since = status.Modified,
                Fingerprint = FileFingerprint.Of(status),
                Problem = kind == PruneKind.Unknown || status.IsRegular ? null : $"it is {What(status)}",
            };
        }
        catch (IOException e)
        {
            return file with { Problem = e.Message.TrimEnd('.') };
        }
    }

    private static string What(in FileStatus status)
        => status.IsDirectory ? "a directory" : status.IsSymbolicLink ? "a link that is not ours" : "no regular file";

    private static List<string> Names(string directory)
    {
        try
        {
            return Directory.Exists(directory) ? Entries(directory) : [];
        }
        catch (UnauthorizedAccessException)
        {
            // Another user's: what cannot be seen is not removed.
            return [];
        }
    }

    private static List<string> Entries(string directory)
        => [.. Directory.EnumerateFileSystemEntries(directory).Select(static path => Path.GetFileName(path))];
}
