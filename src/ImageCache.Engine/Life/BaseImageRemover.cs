using ImageCache.Engine.Life.Critical;
using ImageCache.Engine.Life.Usage;
using ImageCache.Engine.Requests;
using ImageCache.Engine.Store;

namespace ImageCache.Engine.Life;

/// <summary>Removes one base image: planned first, and looked at again under nova's lock before it is done.</summary>
internal sealed class BaseImageRemover(
    CacheDirectory directory, CacheLister lister, CacheReader cache, UsageScanner usage, BaseFileDeletion deletion, BaseImageView view, CriticalStore critical, EventLog events)
{
    /// <summary>Says what removing would do.</summary>
    public RemovalPlan Plan(string reference, bool force, CancellationToken cancellationToken)
    {
        directory.RequireReadable();
        return directory.Guard(() =>
        {
            CacheEntry entry = lister.RequireOne(reference);
            RequireUncritical(entry, force);
            IReadOnlyList<string> users = RequireUnused(entry, force, cancellationToken);
            return new RemovalPlan(view.Of(entry, users.Count > 0), users, force);
        });
    }

    /// <summary>Removes what was planned.</summary>
    public Task<BaseImage> RemoveAsync(RemovalPlan plan, WorkProgress progress, CancellationToken cancellationToken)
    {
        directory.RequireWritable();
        return directory.GuardAsync(() => RemoveLockedAsync(plan, progress, cancellationToken), plan.Image.Id);
    }

    private async Task<BaseImage> RemoveLockedAsync(RemovalPlan plan, WorkProgress progress, CancellationToken cancellationToken)
    {
        string baseName = Path.GetFileName(plan.Image.Path);
        using BaseFileLock held = await BaseFileLock
            .AcquireAsync(directory.Layout.LockPath(baseName), () => progress.Enter(WorkStage.Waiting), cancellationToken)
            .ConfigureAwait(false);
        CacheEntry entry = cache.Find(baseName) ?? throw new NotFoundException(
            ErrorIds.ImageNotCached, $"'{plan.Image.Path}' is gone already.", plan.Image.Id);
        RequireUncritical(entry, plan.Force);
        IReadOnlyList<string> users = RequireUnused(entry, plan.Force, cancellationToken);
        BaseImage image = view.Of(entry, users.Count > 0);
        await deletion.RunAsync(entry, cancellationToken).ConfigureAwait(false);
        events.Append(events.New("removed") with
        {
            ImageId = image.Id,
            Name = image.Name,
            Path = image.Path,
            Reason = users.Count > 0 ? $"by request, although in use by {string.Join(", ", users)}" : "by request",
        });
        return image;
    }

    private void RequireUncritical(CacheEntry entry, bool force)
    {
        CriticalReading reading = critical.Read();
        if (force || !reading.MayBeCritical(entry.BaseName))
        {
            return;
        }

        string which = $"'{entry.Path}' ({entry.Record?.Descriptor.Name ?? entry.Record?.Id ?? "unknown image"})";
        throw new PolicyException(
            ErrorIds.ImageCritical,
            reading.IsComplete
                ? $"{which} was kept: the image is registered as critical."
                : $"{which} was kept: it may be critical, for the list of critical images cannot be read{(reading.Reason is null ? string.Empty : $" ({reading.Reason.TrimEnd('.')})")}.",
            entry.Record?.Id ?? entry.BaseName,
            "Take it out of the list first, with 'imagecache critical unregister' (Unregister-CriticalImage). -Force (--force) removes the file all the same; it stays registered, and the next synchronization brings it back.");
    }

    private IReadOnlyList<string> RequireUnused(CacheEntry entry, bool force, CancellationToken cancellationToken)
    {
        IReadOnlyList<string> users = usage.Scan(cancellationToken).UsersOf(entry.BaseName);
        return users.Count == 0 || force
            ? users
            : throw new BusyException(
                ErrorIds.ImageInUse,
                $"'{entry.Path}' ({entry.Record?.Descriptor.Name ?? entry.Record?.Id ?? "unknown image"}) was kept: disks have it in their chains: {string.Join(", ", users)}.",
                entry.Record?.Id ?? entry.BaseName,
                "Remove the instances first. -Force (--force) removes it all the same; the disks above it are lost then.");
    }
}
