using ImageCache.Engine.Life.Critical;
using ImageCache.Engine.Store;

namespace ImageCache.Engine.Life.Disks;

/// <summary>Targets for who does not hold the base file's lock.</summary>
internal sealed class LockedTargets(CacheDirectory directory, CacheReader cache, TargetMaker targets) : ITargetMaker
{
    public async Task EnsureAsync(string baseName, long size, OperationMonitor monitor, CancellationToken cancellationToken)
    {
        using WorkProgress progress = monitor.Begin(CacheLayout.TargetName(baseName, size));
        using BaseFileLock held = await BaseFileLock
            .AcquireAsync(directory.Layout.LockPath(baseName), () => progress.Enter(WorkStage.Waiting), cancellationToken)
            .ConfigureAwait(false);
        CacheEntry entry = cache.Find(baseName) ?? throw new NotFoundException(
            ErrorIds.ImageNotCached, $"No target is made on '{directory.Layout.BasePath(baseName)}': the file is gone.", baseName, "Fetch the image again.");
        await targets.EnsureAsync(entry, size, cancellationToken).ConfigureAwait(false);
    }
}
