using ImageCache.Engine.Native.Posix;
using ImageCache.Engine.Store;
using Microsoft.Win32.SafeHandles;

namespace ImageCache.Engine.Life.Prune;

/// <summary>Sets the time of what is needed to now: nova's cleaner leaves it then, and its age begins anew once nobody needs it.</summary>
internal sealed class PruneTouch(CacheLayout layout, BaseFileKeeper keeper, TimeProvider time)
{
    /// <summary>Touches.</summary>
    /// <returns>Why it could not be done; <see langword="null"/> when it was done, or there is no need to.</returns>
    public async Task<string?> KeepAsync(PruneFile file, CancellationToken cancellationToken) => file switch
    {
        { Problem: not null } => null,
        { Place: PrunePlace.Base, Kind: PruneKind.BaseImage or PruneKind.LegacyResized or PruneKind.Swap or PruneKind.Ephemeral }
            => await keeper.KeepAsync(file.Name, cancellationToken).ConfigureAwait(false),
        { Kind: PruneKind.Target } => KeepTarget(file),
        _ => null,
    };

    private string? KeepTarget(PruneFile file)
    {
        try
        {
            using HeldDirectory targets = HeldDirectory.Open(layout, CacheLayout.PrivateName, CacheLayout.TargetsName);
            using SafeFileHandle? handle = OpenFile.OpenIfExists(targets.PathOf(file.Name), OpenFile.ReadOnly | OpenFile.NoFollow);
            if (handle is not null)
            {
                FileTimes.SetModified(handle, file.Path, time.GetUtcNow());
            }

            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return e.Message;
        }
    }
}
