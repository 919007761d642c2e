using ImageCache.Engine.OpenStack.Volumes;
using ImageCache.Engine.Store;
using Microsoft.Extensions.Logging;

namespace ImageCache.Engine.Volumes;

/// <summary>
/// The life of links: a base file that is a symbolic link to the view of a volume. A link exists exactly when the base file's name leads to
/// its view; everything held without one is let go. The caller holds the base file's lock.
/// </summary>
internal sealed class VolumeLinks(CacheLayout layout, VolumeAttacher attacher, VolumeHoldStore holds, ILogger logger)
{
    /// <summary>The base files for which something is held.</summary>
    public IReadOnlyList<string> Names() => holds.Names();

    /// <summary>Whether a base file's name leads to the view that this node makes for it.</summary>
    public bool IsLinked(string baseName) => CacheEntry.LinkTarget(layout.BasePath(baseName)) == holds.ViewPath(baseName);

    /// <summary>What is held for a base file.</summary>
    public VolumeHold? Find(string baseName) => holds.Read(baseName);

    /// <summary>Attaches a volume and makes its view. The link is not made yet; until it is, disposing lets everything go.</summary>
    /// <exception cref="ImageCacheException">It cannot be had; nothing is held.</exception>
    /// <param name="image">The image.</param>
    /// <param name="volume">The volume that holds it.</param>
    /// <param name="clone">Whether this node makes a copy of its own of the volume.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public async Task<PreparedLink> PrepareAsync(ImageDescriptor image, CinderVolume volume, bool clone, CancellationToken cancellationToken)
    {
        string baseName = CacheLayout.BaseName(image.Id);
        await ReleaseAsync(baseName, cancellationToken).ConfigureAwait(false);
        bool prepared = false;
        try
        {
            VolumeHold wanted = new() { ImageId = image.Id, VolumeId = volume.Id, ClonedFrom = clone ? volume.Id : null, Size = image.Size!.Value };
            VolumeHold hold = await attacher.TakeAsync(wanted, volume, cancellationToken).ConfigureAwait(false);
            PreparedLink link = PreparedLink.Open(hold, LinkOf(hold), () => GiveUpAsync(baseName));
            prepared = true;
            return link;
        }
        finally
        {
            if (!prepared)
            {
                await GiveUpAsync(baseName).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Sees to it that a link can be read.</summary>
    /// <param name="baseName">The base file.</param>
    /// <param name="record">Its record: it helps out when what was held is not known any more.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <returns>What the record must say of the link now, and whether something had to be brought back.</returns>
    /// <exception cref="ImageCacheException">It cannot be brought back.</exception>
    public async Task<(RecordedLink Link, bool IsNew)> ReviveAsync(string baseName, ImageRecord? record, CancellationToken cancellationToken)
    {
        VolumeHold hold = holds.Read(baseName) ?? Remember(record) ?? throw new NotFoundException(
            ErrorIds.VolumeNotFound,
            $"'{layout.BasePath(baseName)}' is a link, and nothing tells to which volume.",
            record?.Id,
            "Remove the image with Remove-BaseImage (imagecache remove), then fetch it.");
        (VolumeHold now, bool isNew) = await attacher.ReviveAsync(hold, cancellationToken).ConfigureAwait(false);
        return (LinkOf(now), isNew);
    }

    /// <summary>Whether a link can be read as it is; no service is asked.</summary>
    public async Task<bool> IsAliveAsync(string baseName, CancellationToken cancellationToken)
        => holds.Read(baseName) is { } hold && await attacher.IsAliveAsync(hold, cancellationToken).ConfigureAwait(false);

    /// <summary>Deletes attachments of ours that a linked volume has besides the link's.</summary>
    public async Task<IReadOnlyList<string>> RemoveStraysAsync(string baseName, CancellationToken cancellationToken)
        => holds.Read(baseName) is { } hold
            ? await attacher.RemoveStraysAsync(hold, hold.AttachmentId, cancellationToken).ConfigureAwait(false)
            : [];

    /// <summary>The base files for which this node has copies of volumes in Cinder; asks Cinder.</summary>
    public async Task<IReadOnlyList<string>> NamesOfClonesAsync(CancellationToken cancellationToken)
        => [.. (await attacher.Cloner.ListAsync(cancellationToken).ConfigureAwait(false)).Select(static copy => CacheLayout.BaseName(copy.ImageId)).Distinct()];

    /// <summary>Deletes the copies of a base file's volume that are this node's and that it does not hold.</summary>
    /// <param name="baseName">The base file.</param>
    /// <param name="dryRun">Only say which.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <returns>Their ids.</returns>
    public async Task<IReadOnlyList<(string ImageId, string VolumeId)>> RemoveStrayClonesAsync(string baseName, bool dryRun, CancellationToken cancellationToken)
    {
        string? kept = holds.Read(baseName)?.VolumeId;
        List<(string ImageId, string VolumeId)> strays =
        [
            .. (await attacher.Cloner.ListAsync(cancellationToken).ConfigureAwait(false))
                .Where(copy => CacheLayout.BaseName(copy.ImageId) == baseName && copy.Volume.Id != kept)
                .Select(static copy => (copy.ImageId, copy.Volume.Id)),
        ];
        foreach (string image in strays.Select(static stray => stray.ImageId).Distinct().Where(_ => !dryRun))
        {
            await attacher.Cloner.DeleteAllAsync(image, kept, cancellationToken).ConfigureAwait(false);
        }

        return strays;
    }

    /// <summary>Lets everything go that is held for a base file, whose link is gone. May be repeated.</summary>
    /// <exception cref="UnavailableException">Something stays for now; the next initialization tries again.</exception>
    public async Task ReleaseAsync(string baseName, CancellationToken cancellationToken)
    {
        if (holds.Read(baseName) is not { } hold)
        {
            return;
        }

        try
        {
            await attacher.ReleaseAsync(baseName, hold, cancellationToken).ConfigureAwait(false);
        }
        catch (ImageCacheException e)
        {
            throw new UnavailableException(
                e.ErrorId,
                $"Volume '{hold.VolumeId}' of image '{hold.ImageId}', which nothing links to any more, could not be let go: {e.Message}",
                hold.ImageId,
                "Run 'imagecache init' (Initialize-ImageCache) when the cause is mended: it does the rest.",
                e,
                e.Category);
        }
    }

    // A failure has its own error to tell. What stays is written down, and the next initialization or fetch lets it go.
    private async Task GiveUpAsync(string baseName)
    {
        try
        {
            await ReleaseAsync(baseName, CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception e) when (e is ImageCacheException or IOException or UnauthorizedAccessException)
        {
            LinkLog.NotReleased(logger, e.Message);
        }
    }

    /// <summary>What a record says when its link was brought back. A copy that was made anew has not been compared with anything.</summary>
    public static ImageRecord Note(ImageRecord record, RecordedLink link)
        => record with { Link = link, Proof = record.Link?.VolumeId == link.VolumeId ? record.Proof : null };

    private static VolumeHold? Remember(ImageRecord? record)
        => record is { Link: { } link } && Guid.TryParse(link.VolumeId, out _) && Guid.TryParse(link.AttachmentId, out _)
            ? new VolumeHold { ImageId = record.Id, VolumeId = link.VolumeId, AttachmentId = link.AttachmentId, ClonedFrom = link.ClonedFrom, Size = record.Size }
            : null;

    private RecordedLink LinkOf(VolumeHold hold)
        => new(holds.ViewPath(CacheLayout.BaseName(hold.ImageId)), hold.VolumeId, hold.AttachmentId!, hold.Connected?.Path, hold.ClonedFrom);
}
