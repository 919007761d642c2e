using ImageCache.Engine.Configuration;
using ImageCache.Engine.Life.Usage;
using ImageCache.Engine.Sources;
using ImageCache.Engine.Store;
using ImageCache.Engine.Trust;

namespace ImageCache.Engine.Fetch;

/// <summary>
/// Judges what lies under an image's name already. The caller holds the base file's lock. Used files are never moved or replaced.
/// </summary>
internal sealed class PresentImage(
    ImageCacheConfiguration configuration, CacheReader cache, RecordStore records, UsageScanner usage, Quarantine quarantine, PresentProof proof, PresentSignature signature, PresentLink link, UseNote uses, UnusedQuarantine unused)
{
    /// <summary>Takes the file that is there, if it is the image and satisfies the policy in force.</summary>
    /// <returns>The entry; <see langword="null"/> when the image must be fetched.</returns>
    /// <exception cref="ImageCacheException">What is there stands in the way.</exception>
    public async Task<CacheEntry?> TryUseAsync(ResolvedImage image, FetchStep step, CancellationToken cancellationToken)
    {
        string baseName = CacheLayout.BaseName(image.Id);
        CacheEntry? entry = cache.Find(baseName);

        // What nobody used for a while may have been set aside; once it is back it is judged as if it had never gone.
        if (entry is null && !step.Request.Force
            && await unused.TryBringBackAsync(baseName, record => IsSameImage(record, image), cancellationToken).ConfigureAwait(false))
        {
            entry = cache.Find(baseName);
        }

        if (entry is { IsLink: true })
        {
            return await TryUseLinkAsync(entry, image, step, cancellationToken).ConfigureAwait(false);
        }

        if (step.Request.Force || entry is null)
        {
            RequireReplaceableRecord(records.Read(baseName), image);
            return null;
        }

        if (entry.Reading.State == RecordState.Damaged)
        {
            step.Monitor.Warn($"The record of '{entry.Path}' is damaged and not trusted: {entry.Reading.Reason}");
        }

        if (entry.Record is not { SourceDigest: not null } record)
        {
            // Nobody proved where these bytes come from; the fetch brings the proof.
            RequireRegular(entry, image);
            RequireReplaceableRecord(entry.Reading, image);
            return null;
        }

        RequireSameImage(record, image);
        if (await proof.TryProveAsync(entry, record, RequiresProof(step), step.Progress, cancellationToken).ConfigureAwait(false) is not { } proven)
        {
            RequireReplaceableRecord(entry.Reading, image);
            SetDamagedAside(entry, step, cancellationToken);
            return null;
        }

        proven = await RequireSignatureAsync(entry, proven, image, step, cancellationToken).ConfigureAwait(false);
        return await uses.WriteAsync(entry, proven, cancellationToken).ConfigureAwait(false);
    }

    private async Task<CacheEntry?> TryUseLinkAsync(
        CacheEntry entry, ResolvedImage image, FetchStep step, CancellationToken cancellationToken)
    {
        if (!step.Request.Force)
        {
            RequireSameImage(entry.Record!, image);
        }

        if (step.Request.Force || await link.TryReviveAsync(entry, step, cancellationToken).ConfigureAwait(false) is not { } record)
        {
            RequireReplaceableRecord(entry.Reading, image);
            await link.RemoveAsync(entry, UsersOf(entry.BaseName, cancellationToken), cancellationToken).ConfigureAwait(false);
            return null;
        }

        record = await RequireSignatureAsync(entry, record, image, step, cancellationToken).ConfigureAwait(false);
        return await uses.WriteAsync(entry, record, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Whether disks of this node have, or may have, the file in their chains.</summary>
    public IReadOnlyList<string> UsersOf(string baseName, CancellationToken cancellationToken) => usage.Scan(cancellationToken).UsersOf(baseName);

    // Ids can be used again after Glance's database was purged (OSSN-0075), so the id alone proves nothing.
    private static void RequireSameImage(ImageRecord record, ResolvedImage image)
    {
        if (!IsSameImage(record, image))
        {
            throw new VerificationException(
                ErrorIds.DigestMismatch,
                $"The cached file of image '{image.Id}' came from data with the digest {record.SourceDigest}, but Glance now has {DigestExpectation.Of(image.Descriptor).Expected} under this id.",
                image.Id,
                "The id was used again for another image. Fetch with -Force (--force) to replace the file once no disk uses it.");
        }
    }

    private static bool IsSameImage(ImageRecord record, ResolvedImage image)
        => image.Origin != ImageOrigin.Glance
            || DigestExpectation.Of(image.Descriptor).Expected is not { } expected
            || !ImageDigest.TryParse(record.SourceDigest, out ImageDigest? then)
            || then.Value.Algorithm != expected.Algorithm
            || then.Value == expected;

    // Bytes that come now need a record of ours, and that would lose what the other one says.
    private static void RequireReplaceableRecord(RecordReading reading, ResolvedImage image)
    {
        if (reading.State == RecordState.Newer)
        {
            throw new PolicyException(
                ErrorIds.RecordNewer,
                $"The image '{image.Id}' is not fetched: its record was written by a newer version of ImageCache, and is left alone.",
                image.Id,
                "Use the newer version here too; or remove the image with Remove-BaseImage (imagecache remove), then fetch it.",
                category: FailureCategory.InvalidOperation);
        }
    }

    private static void RequireRegular(CacheEntry entry, ResolvedImage image)
    {
        if (!entry.Status.IsRegular)
        {
            throw new VerificationException(
                ErrorIds.ForeignFileDiffers,
                $"'{entry.Path}', the base file of image '{image.Id}', is no regular file and no record tells of it; it was left alone.",
                image.Id,
                "Find out who made it, and remove it.");
        }
    }

    private bool RequiresProof(FetchStep step)
        => configuration.RequireChecksum || configuration.RequireSignature || step.Request.RequireSignature;

    private void SetDamagedAside(CacheEntry entry, FetchStep step, CancellationToken cancellationToken)
    {
        string reason = $"'{entry.Path}' is not what its record says";
        IReadOnlyList<string> users = UsersOf(entry.BaseName, cancellationToken);
        if (users.Count > 0)
        {
            throw new BusyException(
                ErrorIds.ImageInUse,
                $"{reason}, but disks have it in their chains ({string.Join(", ", users)}); it was left alone.",
                entry.Record?.Id,
                "Shut down or rebuild the instances that use it, then fetch again.");
        }

        string where = quarantine.Take(entry);
        step.Monitor.Warn($"{reason}; it was set aside as '{where}' and is fetched again.");
    }

    private async Task<ImageRecord> RequireSignatureAsync(
        CacheEntry entry, ImageRecord record, ResolvedImage image, FetchStep step, CancellationToken cancellationToken)
    {
        try
        {
            return await signature.RequireAsync(entry, record, image, step, cancellationToken).ConfigureAwait(false);
        }
        catch (VerificationException e) when (e.ErrorId == ErrorIds.SignatureInvalid)
        {
            // What was not signed by whom it names must not be found by the next one either.
            string end = UsersOf(entry.BaseName, cancellationToken).Count > 0
                ? "Disks have it in their chains, so it was left alone."
                : entry.IsLink ? await RemoveLinkAsync().ConfigureAwait(false) : $"It was set aside as '{quarantine.Take(entry)}'.";
            throw new VerificationException(e.ErrorId, $"{e.Message} {end}", e.ImageId, e.NextStep, e);
        }

        async Task<string> RemoveLinkAsync()
        {
            await link.RemoveAsync(entry, [], cancellationToken).ConfigureAwait(false);
            return "The link was removed.";
        }
    }
}
