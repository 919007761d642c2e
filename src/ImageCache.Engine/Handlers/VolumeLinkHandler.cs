using ImageCache.Engine.Configuration;
using ImageCache.Engine.Diagnostics;
using ImageCache.Engine.Formats;
using ImageCache.Engine.OpenStack;
using ImageCache.Engine.OpenStack.Volumes;
using ImageCache.Engine.Store;
using ImageCache.Engine.Transfer;
using ImageCache.Engine.Volumes;

namespace ImageCache.Engine.Handlers;

/// <summary>Links to the Cinder volume in which Glance keeps an image: no byte is copied.</summary>
internal sealed class VolumeLinkHandler(
    ImageCacheConfiguration configuration, CloudConnection cloud, VolumeNeeds nodeNeeds, VolumeLinks links, LinkInitializer initializer) : BaseImageHandler
{
    private const int SectorLength = 512;

    public override FetchMethod Method => FetchMethod.VolumeLink;

    public override bool Links => true;

    public override BaseImageMethod RecordedAs => BaseImageMethod.VolumeLink;

    public override IReadOnlyList<Need> Needs =>
    [
        .. nodeNeeds.All,
        new ImageNeed("cinder-location", "Glance tells which Cinder volume holds the image.", Location),
        new ImageNeed("volume-format", "The volume's first bytes are the image as this cache keeps it.", AsItIs),
        new ImageProbe("volume", "The volume may be attached now.", LookAtVolumeAsync) { After = [VolumeNeeds.Cinder, "cinder-location"] },
    ];

    public override async Task<IByteSource> FetchAsync(ImageDescriptor image, CancellationToken cancellationToken)
    {
        List<CinderLocation> locations = Usable(image, out _);

        // What a killed fetch of ours holds would look like somebody else's attachment.
        await links.ReleaseAsync(CacheLayout.BaseName(image.Id), cancellationToken).ConfigureAwait(false);
        for (int i = 0; ; i++)
        {
            try
            {
                CinderVolume volume = await cloud.Cinder.ShowVolumeAsync(locations[i].VolumeId, cancellationToken).ConfigureAwait(false);
                Require(image, volume);
                return await links.PrepareAsync(image, volume, Clones(volume), cancellationToken).ConfigureAwait(false);
            }
            catch (ImageCacheException) when (i + 1 < locations.Count)
            {
                // Glance keeps several copies, and one may be as good as another. The last one's error is told.
            }
        }
    }

    public override Task<bool> IsAliveAsync(CacheEntry entry, CancellationToken cancellationToken) => links.IsAliveAsync(entry.BaseName, cancellationToken);

    public override async Task<ImageRecord> ReviveAsync(CacheEntry entry, CancellationToken cancellationToken)
    {
        (RecordedLink link, _) = await links.ReviveAsync(entry.BaseName, entry.Record, cancellationToken).ConfigureAwait(false);
        return VolumeLinks.Note(entry.Record!, link);
    }

    public override IAsyncEnumerable<InitializationResult> InitializeAsync(bool dryRun, CancellationToken cancellationToken)
        => initializer.RunAsync(dryRun, cancellationToken);

    public override Task RemoveAsync(string baseName, CancellationToken cancellationToken) => links.ReleaseAsync(baseName, cancellationToken);

    private static NeedAnswer Location(ImageDescriptor image)
        => !image.Locations.Any(CinderLocation.IsCinder)
            ? NeedAnswer.Fail(
                "Glance tells no cinder:// location of it (the data lie in another store, or show_multiple_locations is off)",
                "Set show_multiple_locations in glance-api.conf where Glance keeps its images in Cinder.")
            : Usable(image, out string? reason) is [{ } first, ..] ? NeedAnswer.Pass($"volume {first.VolumeId}") : NeedAnswer.Fail(reason!);

    // Any one of the volumes will do, as in a fetch.
    private async Task<NeedAnswer> LookAtVolumeAsync(ImageDescriptor image, CancellationToken cancellationToken)
    {
        List<CinderLocation> locations = Usable(image, out _);
        for (int i = 0; ; i++)
        {
            try
            {
                CinderVolume volume = await cloud.Cinder.ShowVolumeAsync(locations[i].VolumeId, cancellationToken).ConfigureAwait(false);
                Require(image, volume);
                return NeedAnswer.Pass($"volume {volume.Id} is {volume.Status}");
            }
            catch (ImageCacheException) when (i + 1 < locations.Count)
            {
                // The last one's error is told.
            }
        }
    }

    private NeedAnswer AsItIs(ImageDescriptor image) => NeedAnswer.Unless(WhyNotAsItIs(image), "Use another method for this image.");

    // What an instance would see must be the image and nothing else.
    private string? WhyNotAsItIs(ImageDescriptor image)
    {
        bool isKnown = DiskFormatNames.TryParse(image.DiskFormat, out ImageFormat? format);
        return image switch
        {
            { Size: null or 0 } => "Glance does not tell its size, and the volume is larger than the image",
            _ when image.Size % SectorLength != 0 => $"its size of {image.Size} bytes is no multiple of {SectorLength}, which a disk's must be",
            _ when !isKnown || (configuration.ForceRawImages && !DiskFormatNames.IsRawData(format!.Value))
                => $"the volume holds {image.DiskFormat ?? "an unknown format"}, and this cache keeps raw (force_raw_images)",
            _ => null,
        };
    }

    private bool Clones(CinderVolume volume) => !volume.IsMultiattach && configuration.VolumeInUse == VolumeInUse.Clone;

    private void Require(ImageDescriptor image, CinderVolume volume)
    {
        if (volume.IsEncrypted)
        {
            throw Unavailable(image, volume, "the volume is encrypted: its device holds ciphertext");
        }

        if (volume.Size < image.Size || (volume.ImageSize ?? image.Size) != image.Size)
        {
            throw new VerificationException(
                ErrorIds.SizeMismatch,
                $"Volume '{volume.Id}' has {volume.ImageSize ?? volume.Size} bytes for the image '{image.Id}' instead of {image.Size}.",
                image.Id,
                "Compare the image's data in its store with its record.");
        }

        if (!Clones(volume) && volume.Status != CinderVolume.Available && !volume.IsMultiattach)
        {
            throw new BusyException(
                ErrorIds.VolumeBusy,
                $"Volume '{volume.Id}', which holds the image '{image.Id}', is in the state '{volume.Status}', and its type lets only one node have it at a time.",
                image.Id,
                $"Give Glance's cinder store a volume type with multiattach, let nodes make volumes of their own ({VolumeSettings.VolumeInUseName}: clone), or use Auto or Download.");
        }
    }

    private static UnavailableException Unavailable(ImageDescriptor image, CinderVolume volume, string reason) => new(
        ErrorIds.MethodUnavailable,
        $"VolumeLink cannot bring the image '{image.Id}' from volume '{volume.Id}': {reason}.",
        image.Id,
        "Use Auto or Download.",
        category: FailureCategory.ResourceUnavailable);

    private static List<CinderLocation> Usable(ImageDescriptor image, out string? reason)
    {
        List<CinderLocation> usable = [];
        reason = null;
        foreach (string url in image.Locations.Where(CinderLocation.IsCinder))
        {
            if (CinderLocation.TryParse(url, out CinderLocation? location, out string? why))
            {
                usable.Add(location);
            }
            else
            {
                reason = $"its location cannot be used: {why}";
            }
        }

        return usable;
    }
}
