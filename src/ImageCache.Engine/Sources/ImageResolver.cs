using ImageCache.Engine.Configuration;
using ImageCache.Engine.Fetch;
using ImageCache.Engine.OpenStack;
using ImageCache.Engine.Requests;
using ImageCache.Engine.Store;

namespace ImageCache.Engine.Sources;

/// <summary>
/// Finds out which image is meant. An id, or a name that one image only has, is answered from the record where the cache has one, so
/// that a hit asks nobody; everything else is asked of Glance.
/// </summary>
/// <param name="configuration">The settings in force.</param>
/// <param name="cloud">The cloud.</param>
/// <param name="uris">Images that are named by a URI.</param>
/// <param name="records">What is recorded.</param>
/// <param name="cache">What is here.</param>
/// <param name="asking">Told when Glance was asked, and there is time for something else.</param>
internal sealed class ImageResolver(
    ImageCacheConfiguration configuration, CloudConnection cloud, UriSource uris, RecordStore records, CacheReader cache, Action<FetchRequest> asking)
{
    /// <summary>Resolves for a hit or a fetch.</summary>
    /// <exception cref="ImageCacheException">There is no such image, or nobody to ask.</exception>
    public async Task<ResolvedImage> ResolveAsync(FetchStep step, CancellationToken cancellationToken)
    {
        if (step.Request.Uri is not null)
        {
            return await uris.ResolveAsync(step.Request, cancellationToken).ConfigureAwait(false);
        }

        if (step.Request.Snapshot is { } registered)
        {
            return Name(new ResolvedImage(registered, ImageOrigin.Registered), step);
        }

        string reference = step.Request.Image ?? throw new InvalidInputException(ErrorIds.InvalidReference, "Neither an image nor a URI was named.");
        ResolvedImage? known = Snapshot(reference);
        if (!step.Request.Force && known is not null && !MustAskAboutSignature(known, step) && cache.Find(CacheLayout.BaseName(known.Id)) is not null)
        {
            return Name(known, step);
        }

        try
        {
            return await AskGlanceAsync(reference, step, cancellationToken).ConfigureAwait(false);
        }
        catch (ImageCacheException e) when (e is UnavailableException or { ErrorId: ErrorIds.CloudNotConfigured } && known is not null)
        {
            step.Monitor.Warn($"Glance cannot be asked for '{reference}'; what the cache recorded is used: {e.Message}");
            return Name(known, step);
        }
    }

    /// <summary>Resolves with what Glance says now; the record's word is not enough to fetch bytes on.</summary>
    public Task<ResolvedImage> ResolveFreshAsync(FetchStep step, CancellationToken cancellationToken)
        => AskGlanceAsync(step.Request.Image!, step, cancellationToken);

    private async Task<ResolvedImage> AskGlanceAsync(string reference, FetchStep step, CancellationToken cancellationToken)
    {
        Task<ImageDescriptor> asked = cloud.Glance.FindOneAsync(reference, cancellationToken);
        asking(step.Request);
        ImageDescriptor image = await asked.ConfigureAwait(false);
        return Name(new ResolvedImage(image, ImageOrigin.Glance), step);
    }

    // It may have been signed since it was fetched.
    private bool MustAskAboutSignature(ResolvedImage known, FetchStep step)
        => !known.Descriptor.IsSigned && SignatureRules.PolicyFor(step.Request, configuration) == SignaturePolicy.Require;

    // By id first; by name only where exactly one recorded image has it.
    private ResolvedImage? Snapshot(string reference)
    {
        if (Recorded(CacheLayout.BaseName(reference)) is { } byId)
        {
            return byId;
        }

        List<string> named = [.. cache.RecordedAs(reference).Take(2)];
        return named.Count == 1 ? Recorded(named[0]) : null;
    }

    private ResolvedImage? Recorded(string baseName)
        => records.Read(baseName).Record is { SourceDigest: not null } record
            ? new ResolvedImage(record.Descriptor, ImageOrigin.Snapshot)
            : null;

    private static ResolvedImage Name(ResolvedImage image, FetchStep step)
    {
        step.Progress.Rename(image.Descriptor.Name ?? image.Id);
        return image;
    }
}
