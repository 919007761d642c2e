using System.Runtime.CompilerServices;
using ImageCache.Engine.Configuration;
using ImageCache.Engine.Store;

namespace ImageCache.Engine.Volumes;

/// <summary>Deletes this node's copies of volumes that nothing holds: what held them was lost, or Cinder made them after a kill.</summary>
internal sealed class StrayClones(ImageCacheConfiguration configuration, CacheDirectory directory, VolumeLinks links)
{
    /// <summary>Looks for them and deletes them, where this node makes copies or made some.</summary>
    /// <param name="hadClones">Whether copies were held.</param>
    /// <param name="dryRun">Only say what would be done.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public async IAsyncEnumerable<InitializationResult> RemoveAsync(bool hadClones, bool dryRun, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (!configuration.VolumeLink || (!hadClones && configuration.VolumeInUse != VolumeInUse.Clone))
        {
            yield break;
        }

        (IReadOnlyList<string> names, InitializationResult? failure) = await NamesAsync(cancellationToken).ConfigureAwait(false);
        foreach (string baseName in names)
        {
            foreach (InitializationResult result in await directory.GuardAsync(() => RemoveAsync(baseName, dryRun, cancellationToken)).ConfigureAwait(false))
            {
                yield return result;
            }
        }

        if (failure is not null)
        {
            yield return failure;
        }
    }

    private async Task<(IReadOnlyList<string> Names, InitializationResult? Failure)> NamesAsync(CancellationToken cancellationToken)
    {
        try
        {
            return (await links.NamesOfClonesAsync(cancellationToken).ConfigureAwait(false), null);
        }
        catch (ImageCacheException e)
        {
            return ([], About(directory.Layout.CachePath, null, InitializationAction.Reported, $"whether there are copies of volumes that no link has was not to be found out: {e.Message}"));
        }
    }

    private async Task<IReadOnlyList<InitializationResult>> RemoveAsync(string baseName, bool dryRun, CancellationToken cancellationToken)
    {
        string path = directory.Layout.BasePath(baseName);
        using BaseFileLock? held = dryRun
            ? null
            : await BaseFileLock.AcquireAsync(directory.Layout.LockPath(baseName), null, cancellationToken).ConfigureAwait(false);
        try
        {
            IReadOnlyList<(string ImageId, string VolumeId)> strays = await links.RemoveStrayClonesAsync(baseName, dryRun, cancellationToken).ConfigureAwait(false);
            return [.. strays.Select(stray => About(path, stray.ImageId, InitializationAction.RemovedLeftover, $"volume '{stray.VolumeId}' was a copy of ours, and no link has it"))];
        }
        catch (ImageCacheException e)
        {
            return [About(path, null, InitializationAction.Reported, $"{e.Message} {e.NextStep}".Trim())];
        }
    }

    private static InitializationResult About(string path, string? imageId, InitializationAction action, string reason) => new()
    {
        Id = imageId,
        Node = Environment.MachineName,
        Path = path,
        Action = action,
        Reason = reason,
    };
}
