using ImageCache.Engine.OpenStack;
using ImageCache.Engine.OpenStack.Volumes;

namespace ImageCache.Engine.Volumes;

/// <summary>
/// Makes volumes of this node's own of images' volumes, and deletes them. A copy is known by <see cref="CloneMark"/>, so that it is found also
/// when Cinder's answer was lost. The caller holds the base file's lock, and has written down that there may be a copy.
/// </summary>
internal sealed class VolumeCloner(CloudConnection cloud, string node)
{
    /// <summary>Makes a copy. Those that a killed attempt left are deleted.</summary>
    /// <returns>The copy, which may still be in the making.</returns>
    /// <exception cref="ImageCacheException">There is no such source, it changes just now, the quota is used up, or no answer: there may be a copy.</exception>
    public async Task<CinderVolume> MakeAsync(string imageId, string sourceId, CancellationToken cancellationToken)
    {
        await DeleteAllAsync(imageId, keep: null, cancellationToken).ConfigureAwait(false);
        return await cloud.Cinder.CloneAsync(CloneMark.Request(sourceId, node, imageId), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Waits until a copy can be attached.</summary>
    /// <exception cref="UnavailableException">The store could not make it, or takes too long.</exception>
    public async Task<CinderVolume> WaitAsync(CinderVolume copy, CancellationToken cancellationToken)
        => copy.Status == CinderVolume.Creating || copy.HasFailed
            ? await cloud.Cinder.WaitUntilAvailableAsync(copy.Id, cancellationToken).ConfigureAwait(false)
            : copy;

    /// <summary>Finds a copy of this node's.</summary>
    /// <returns><see langword="null"/> when it is gone, or is not ours.</returns>
    public async Task<CinderVolume?> FindAsync(string imageId, string volumeId, CancellationToken cancellationToken)
        => await cloud.Cinder.FindVolumeAsync(volumeId, cancellationToken).ConfigureAwait(false) is { } volume && CloneMark.ImageOf(volume, node) == imageId
            ? volume
            : null;

    /// <summary>All copies of this node's, with their images.</summary>
    public async Task<IReadOnlyList<(string ImageId, CinderVolume Volume)>> ListAsync(CancellationToken cancellationToken)
    {
        List<(string, CinderVolume)> found = [];
        await foreach (CinderVolume volume in cloud.Cinder.ListVolumesAsync(CloneMark.NodeKey, CloneMark.Of(node), cancellationToken).ConfigureAwait(false))
        {
            if (CloneMark.ImageOf(volume, node) is { } image)
            {
                found.Add((image, volume));
            }
        }

        return found;
    }

    /// <summary>Deletes all copies of an image that are this node's, and returns when they are gone.</summary>
    /// <param name="imageId">The image.</param>
    /// <param name="keep">The one that stays.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <returns>Their ids.</returns>
    /// <exception cref="ImageCacheException">One of them stays.</exception>
    public async Task<IReadOnlyList<string>> DeleteAllAsync(string imageId, string? keep, CancellationToken cancellationToken)
    {
        List<string> deleted = [];
        foreach ((string image, CinderVolume copy) in await ListAsync(cancellationToken).ConfigureAwait(false))
        {
            if (image == imageId && copy.Id != keep)
            {
                await DeleteAsync(copy, cancellationToken).ConfigureAwait(false);
                deleted.Add(copy.Id);
            }
        }

        return deleted;
    }

    // Nobody but us attaches a copy of ours; an instance that has it all the same keeps it, for Cinder refuses then.
    private async Task DeleteAsync(CinderVolume copy, CancellationToken cancellationToken)
    {
        CinderClient cinder = cloud.Cinder;
        foreach (CinderAttachment attachment in await cinder.ListAttachmentsAsync(copy.Id, cancellationToken).ConfigureAwait(false))
        {
            if (attachment.InstanceId is null)
            {
                await cinder.DeleteAttachmentAsync(attachment.Id, cancellationToken).ConfigureAwait(false);
            }
        }

        // Cinder deletes nothing that it is still making.
        if (copy.Status == CinderVolume.Creating)
        {
            await cinder.WaitUntilMadeAsync(copy.Id, cancellationToken).ConfigureAwait(false);
        }

        await cinder.DeleteVolumeAsync(copy.Id, cancellationToken).ConfigureAwait(false);
        await cinder.WaitUntilGoneAsync(copy.Id, cancellationToken).ConfigureAwait(false);
    }
}
