using ImageCache.Engine.Configuration;
using ImageCache.Engine.Fetch;
using ImageCache.Engine.Formats;
using ImageCache.Engine.OpenStack;
using ImageCache.Engine.Sources;
using ImageCache.Engine.Store;

namespace ImageCache.Engine.Life.Disks;

/// <summary>
/// Holds a base file to the trust policy of now, as a hit is held to it, but asks no service: what cannot be told from record, file and local
/// certificates is refused where the policy requires it. Nothing is set aside or fetched.
/// </summary>
internal sealed class BaseTrust(
    ImageCacheConfiguration configuration, PresentProof proof, PresentSignature signature, MethodSelector methods, FormatPolicy formats, CloudConnection cloud, UseNote uses)
{
    /// <summary>Requires that the data can be read at all: a link whose volume is gone would fail in a way that says less.</summary>
    /// <exception cref="UnavailableException">The volume behind a link is not connected.</exception>
    public async Task RequireReachableAsync(CacheEntry entry, CancellationToken cancellationToken)
    {
        if (entry.IsLink && !await methods.IsAliveAsync(entry, cancellationToken).ConfigureAwait(false))
        {
            throw new UnavailableException(
                ErrorIds.VolumeConnectionFailed,
                $"No disk is made on '{entry.Path}': it is a link to a volume that is not connected.",
                entry.Record?.Id,
                "Initialize-ImageCache (imagecache init) connects it again.",
                category: FailureCategory.ResourceUnavailable);
        }
    }

    /// <summary>Requires it, and notes the use. The caller holds the base file's lock.</summary>
    /// <returns>The entry, without a record when there is none to trust.</returns>
    /// <exception cref="ImageCacheException">The base file is refused.</exception>
    public async Task<CacheEntry> RequireAsync(CacheEntry entry, FetchStep step, CancellationToken cancellationToken)
    {
        if (entry.Record is not { } record || (record.SourceDigest is null && !entry.IsLink))
        {
            RequireUnproven(entry, step);
            ImageRecord? rebuilt = entry.Record is null ? null : await RequireIntactAsync(entry, entry.Record, step, cancellationToken).ConfigureAwait(false);
            return await NoteAsync(entry, rebuilt, cancellationToken).ConfigureAwait(false);
        }

        FetchPolicy.Require(record.Descriptor, configuration, KeptProject(), step.Request.RequireSignature);
        formats.CheckClaim(new FormatClaim(record.Id, record.Descriptor.DiskFormat, record.Descriptor.ContainerFormat));
        ImageRecord proven = entry.IsLink
            ? record
            : await RequireIntactAsync(entry, record, step, cancellationToken).ConfigureAwait(false);
        ImageRecord judged = await signature
            .RequireAsync(entry, proven, new ResolvedImage(record.Descriptor, ImageOrigin.Snapshot), step, cancellationToken)
            .ConfigureAwait(false);

        // What could not be found out without a service is left to be found out by the next fetch.
        ImageRecord known = judged.SignatureStatus is SignatureStatus.Valid
            ? judged
            : judged with { SignatureStatus = proven.SignatureStatus, Signature = proven.Signature };
        return await NoteAsync(entry, known, cancellationToken).ConfigureAwait(false);
    }

    private async Task<CacheEntry> NoteAsync(CacheEntry entry, ImageRecord? record, CancellationToken cancellationToken)
    {
        if (record is not null)
        {
            return await uses.WriteAsync(entry, record, cancellationToken).ConfigureAwait(false);
        }

        uses.Touch(entry);
        return entry;
    }

    private async Task<ImageRecord> RequireIntactAsync(CacheEntry entry, ImageRecord record, FetchStep step, CancellationToken cancellationToken)
    {
        bool mustProve = configuration.RequireChecksum || configuration.RequireSignature || step.Request.RequireSignature;
        return await proof.TryProveAsync(entry, record, mustProve, step.Progress, cancellationToken).ConfigureAwait(false)
            ?? throw new VerificationException(
                ErrorIds.DigestMismatch,
                $"No disk is made on '{entry.Path}': it is not what its record says.",
                record.Id,
                "Fetch it again (Invoke-ImageFetch, imagecache fetch), or repair the cache: Test-BaseImage -Repair (imagecache verify --repair).");
    }

    // Nobody proved where these bytes come from: nova brought them, or somebody else.
    private void RequireUnproven(CacheEntry entry, FetchStep step)
    {
        string image = entry.Record?.Id ?? entry.BaseName;
        if (configuration.RequireChecksum || configuration.RequireSignature || step.Request.RequireSignature)
        {
            throw new PolicyException(
                ErrorIds.VerificationRequired,
                $"No disk is made on '{entry.Path}': no record proves where it comes from, and {(configuration.RequireChecksum ? "a digest" : "a signature")} is required.",
                image,
                "Fetch the image (Invoke-ImageFetch, imagecache fetch): that proves the file, or brings another.");
        }

        string reason = entry.Reading.Reason is { } damage ? $"its record is damaged ({damage})" : "no record tells where it comes from";
        step.Monitor.Warn($"'{entry.Path}' is used by its format alone: {reason}.");
    }

    // Nobody is asked: a project that no login told of yet refuses nothing, for the image came here by a fetch that was allowed.
    private string? KeptProject()
    {
        try
        {
            return cloud.KeptIdentity()?.ProjectId;
        }
        catch (InvalidInputException)
        {
            return null;
        }
    }
}
