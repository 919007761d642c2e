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
    ImageCacheConfiguration configuration, CacheReader cache, RecordStore records, UsageScanner usage, Quarantine quarantine, ContentCheck content, PresentSignature signature, PresentLink link, TimeProvider time)
{
    /// <summary>Takes the file that is there, if it is the image and satisfies the policy in force.</summary>
    /// <returns>The entry; <see langword="null"/> when the image must be fetched.</returns>
    /// <exception cref="ImageCacheException">What is there stands in the way.</exception>
    public async Task<CacheEntry?> TryUseAsync(ResolvedImage image, TemporaryDirectoryFactory temporaries, FetchStep step, CancellationToken cancellationToken)
    {
        string baseName = CacheLayout.BaseName(image.Id);
        if (cache.Find(baseName) is { IsLink: true } linked)
        {
            return await TryUseLinkAsync(linked, image, temporaries, step, cancellationToken).ConfigureAwait(false);
        }

        if (step.Request.Force || cache.Find(baseName) is not { } entry)
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
        if (await TryProveAsync(entry, record, step, cancellationToken).ConfigureAwait(false) is not { } proven)
        {
            RequireReplaceableRecord(entry.Reading, image);
            SetDamagedAside(entry, step, cancellationToken);
            return null;
        }

        proven = await RequireSignatureAsync(entry, proven, image, step, cancellationToken).ConfigureAwait(false);
        return await NoteUseAsync(entry, proven, temporaries, cancellationToken).ConfigureAwait(false);
    }

    private async Task<CacheEntry?> TryUseLinkAsync(
        CacheEntry entry, ResolvedImage image, TemporaryDirectoryFactory temporaries, FetchStep step, CancellationToken cancellationToken)
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
        return await NoteUseAsync(entry, record, temporaries, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Whether disks of this node have, or may have, the file in their chains.</summary>
    public IReadOnlyList<string> UsersOf(string baseName, CancellationToken cancellationToken) => usage.Scan(cancellationToken).UsersOf(baseName);

    // Ids can be used again after Glance's database was purged (OSSN-0075), so the id alone proves nothing.
    private static void RequireSameImage(ImageRecord record, ResolvedImage image)
    {
        DigestExpectation now = DigestExpectation.Of(image.Descriptor);
        if (image.Origin == ImageOrigin.Glance
            && now.Expected is { } expected
            && ImageDigest.TryParse(record.SourceDigest, out ImageDigest? then)
            && then.Value.Algorithm == expected.Algorithm
            && then.Value != expected)
        {
            throw new VerificationException(
                ErrorIds.DigestMismatch,
                $"The cached file of image '{image.Id}' came from data with the digest {then}, but Glance now has {expected} under this id.",
                image.Id,
                "The id was used again for another image. Fetch with -Force (--force) to replace the file once no disk uses it.");
        }
    }

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

    // Gives the record, with the proof if one was made now; nothing when the file is not what the record says.
    private async Task<ImageRecord?> TryProveAsync(CacheEntry entry, ImageRecord record, FetchStep step, CancellationToken cancellationToken)
    {
        if (!entry.Status.IsRegular || !entry.HasRecordedSize)
        {
            return null;
        }

        if (entry.Proof is { } known)
        {
            return known.IsIntact ? record : null;
        }

        // Another inode: somebody copied or replaced the file. Another time: nova touched it, or somebody wrote to it. Only its bytes can
        // tell which; whoever requires digests or signatures wants to know, others when it is another file or was damaged before.
        if (!RequiresProof(step) && entry.IsRecordedFile && record.Proof is not { IsIntact: false })
        {
            return record;
        }

        if (!ImageDigest.TryParse(record.Digest, out ImageDigest? digest))
        {
            return null;
        }

        step.Progress.Enter(WorkStage.Verifying, entry.Status.Size);
        ContentComparison seen = await content.CompareAsync(entry.Path, digest.Value, step.Progress, cancellationToken).ConfigureAwait(false);
        return seen.IsIntact ? record with { Proof = seen.Proof } : null;
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

    // The time of the file is what protects it from nova's cleaner; the record's count is for people.
    private async Task<CacheEntry> NoteUseAsync(
        CacheEntry entry, ImageRecord record, TemporaryDirectoryFactory temporaries, CancellationToken cancellationToken)
    {
        DateTimeOffset now = time.GetUtcNow();
        ImageRecord used = record with { LastUsedAt = now, UseCount = record.UseCount + 1, Inode = entry.Status.Inode };
        try
        {
            used = entry.IsLink ? used with { Inode = 0 } : BaseFileTouch.Apply(entry.Path, used, now);
            if (entry.Reading.State == RecordState.Valid)
            {
                using TemporaryDirectory temporary = await temporaries.CreateAsync(cancellationToken).ConfigureAwait(false);
                records.Write(used, temporary, durable: false);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // A full disk still serves hits.
        }

        return entry with { Reading = entry.Reading with { Record = used } };
    }
}
