using System.Runtime.CompilerServices;
using ImageCache.Engine.Fetch;
using ImageCache.Engine.Life.Critical;
using ImageCache.Engine.Store;

namespace ImageCache.Engine.Life;

/// <summary>
/// Puts a cache in order after a restart. Only ours is touched: leftovers of dead processes, records without a file, damaged
/// records, and what a method keeps alive outside of files. Base files themselves are never touched here.
/// </summary>
internal sealed class CacheInitializer(
    CacheDirectory directory, LeftoverSweep leftovers, RecordStore records, CacheReader cache, RecordRebuilder rebuilder, MethodSelector methods, CriticalInitialization criticals, int throttleLimit, EventLog events)
{
    public async IAsyncEnumerable<InitializationResult> RunAsync(
        bool create, bool dryRun, OperationMonitor monitor, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using WorkProgress progress = monitor.Begin(directory.Layout.CachePath);
        if (dryRun && directory.WouldCreate(create))
        {
            yield return About(directory.Layout.CachePath, InitializationAction.Created, "the cache directory is missing");
            yield break;
        }

        if (create && directory.Create())
        {
            yield return About(directory.Layout.CachePath, InitializationAction.Created, "the cache directory was missing");
        }

        directory.RequireReadable();
        if (!dryRun)
        {
            directory.RequireWritable();
        }

        foreach (string path in await directory.GuardAsync(() => leftovers.RunAsync(dryRun, cancellationToken)).ConfigureAwait(false))
        {
            yield return Tell(About(path, InitializationAction.RemovedLeftover, "the process that made it is gone"), dryRun);
        }

        foreach (string baseName in directory.Guard(() => records.Names().ToList()))
        {
            cancellationToken.ThrowIfCancellationRequested();
            progress.Add(1);
            if (cache.Find(baseName) is { State: BaseImageState.Linked })
            {
                // Its method tells of it below.
                continue;
            }

            yield return Tell(
                await directory.GuardAsync(() => CheckAsync(baseName, dryRun, cancellationToken)).ConfigureAwait(false), dryRun);
        }

        await foreach (InitializationResult result in methods.InitializeAsync(dryRun, cancellationToken).ConfigureAwait(false))
        {
            yield return Tell(result, dryRun);
        }

        // Last: a link that could be brought back needs no fetch.
        await foreach (InitializationResult result in criticals.RunAsync(dryRun, throttleLimit, monitor, cancellationToken).ConfigureAwait(false))
        {
            yield return result;
        }
    }

    private async Task<InitializationResult> CheckAsync(string baseName, bool dryRun, CancellationToken cancellationToken)
    {
        string path = directory.Layout.BasePath(baseName);
        if (Judge(baseName) is { } settled)
        {
            return settled;
        }

        if (dryRun)
        {
            return cache.Find(baseName) is null
                ? About(path, InitializationAction.RemovedRecord, "the file is gone")
                : About(path, InitializationAction.RebuiltRecord, "the record is damaged");
        }

        return cache.Find(baseName) is { } entry
            ? await RebuildAsync(entry, cancellationToken).ConfigureAwait(false)
            : await RemoveRecordAsync(baseName, path, cancellationToken).ConfigureAwait(false);
    }

    // What needs no mending.
    private InitializationResult? Judge(string baseName)
    {
        if (cache.Find(baseName) is not { } entry)
        {
            return records.Read(baseName) is { State: RecordState.Newer } reading
                ? About(directory.Layout.BasePath(baseName), InitializationAction.Reported, $"the file is gone; {Newer(reading)}") with
                {
                    Id = reading.Record?.Id,
                    Name = reading.Record?.Descriptor.Name,
                }
                : null;
        }

        if (entry.Reading.State == RecordState.Newer)
        {
            return About(entry, InitializationAction.Reported, Newer(entry.Reading));
        }

        return entry.State switch
        {
            _ when entry.Record is null => null,
            BaseImageState.Damaged => About(entry, InitializationAction.Reported,
                entry.HasRecordedSize
                    ? "the file is not what its record says; 'imagecache verify --repair' (Test-BaseImage -Repair) or a fetch brings it again"
                    : $"the file has {entry.Status.Size} bytes, its record says {entry.Record.Size}; fetch it again"),
            _ when !entry.IsRecordedFile => About(entry, InitializationAction.Reported,
                "the file was replaced by another of the same length; the next fetch compares its digest"),
            _ => About(entry, InitializationAction.Kept, "complete"),
        };
    }

    private static string Newer(RecordReading reading)
        => $"a newer version wrote the record{(reading.Record is { } record ? $" (schema {record.SchemaVersion})" : string.Empty)}; it is left alone";

    private async Task<InitializationResult> RebuildAsync(CacheEntry entry, CancellationToken cancellationToken)
    {
        ImageRecord? rebuilt = await rebuilder.RebuildAsync(entry.BaseName, cancellationToken).ConfigureAwait(false);
        return rebuilt is not null
            ? About(entry, InitializationAction.RebuiltRecord, $"the record was damaged ({entry.Reading.Reason})") with { Id = rebuilt.Id }
            : About(entry, InitializationAction.RebuiltRecord, $"the record was damaged beyond its id ({entry.Reading.Reason}) and set aside; the file counts as unrecorded");
    }

    // A fetch writes the record before the file gets its name; under its lock the two belong together.
    private async Task<InitializationResult> RemoveRecordAsync(string baseName, string path, CancellationToken cancellationToken)
    {
        using BaseFileLock held = await BaseFileLock
            .AcquireAsync(directory.Layout.LockPath(baseName), null, cancellationToken)
            .ConfigureAwait(false);
        if (Judge(baseName) is { } settled)
        {
            return settled;
        }

        RecordReading reading = records.Read(baseName);
        if (reading.State == RecordState.Valid)
        {
            records.Delete(baseName);
        }
        else if (reading.State == RecordState.Damaged)
        {
            rebuilder.SetAside(baseName);
        }

        return About(path, InitializationAction.RemovedRecord, "the file is gone") with
        {
            Id = reading.Record?.Id,
            Name = reading.Record?.Descriptor.Name,
        };
    }

    private InitializationResult Tell(InitializationResult result, bool dryRun)
    {
        if (!dryRun && result.Action is not (InitializationAction.Kept or InitializationAction.Created or InitializationAction.Reported))
        {
            events.Append(events.New(Name(result.Action)) with { ImageId = result.Id, Path = result.Path, Reason = result.Reason });
        }

        return result;
    }

    private static string Name(InitializationAction action) => action switch
    {
        InitializationAction.RemovedLeftover => "leftoverRemoved",
        InitializationAction.RemovedRecord => "recordRemoved",
        InitializationAction.Relinked => "relinked",
        _ => "recordRebuilt",
    };

    private static InitializationResult About(CacheEntry entry, InitializationAction action, string reason)
        => About(entry.Path, action, reason) with { Id = entry.Record?.Id, Name = entry.Record?.Descriptor.Name };

    private static InitializationResult About(string path, InitializationAction action, string reason)
        => new() { Node = Environment.MachineName, Path = path, Action = action, Reason = reason };
}
