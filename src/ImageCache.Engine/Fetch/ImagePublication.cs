using ImageCache.Engine.Sources;
using ImageCache.Engine.Store;
using ImageCache.Engine.Trust;

namespace ImageCache.Engine.Fetch;

/// <summary>
/// Publishes a verified file, or proves by it that the file which is there already is the same. A file that disks use is never
/// replaced.
/// </summary>
internal sealed class ImagePublication(
    CacheReader cache, RecordStore records, Publisher publisher, PresentImage present, ContentCheck content, ImageSignatures signatures, TimeProvider time)
{
    /// <summary>Publishes. The caller holds the base file's lock.</summary>
    /// <exception cref="VerificationException">Another file has the name, and it is not this image.</exception>
    /// <exception cref="BusyException">The file there is another one, and disks use it.</exception>
    public async Task<CacheEntry> PublishAsync(
        ResolvedImage image, FetchedFile file, TemporaryDirectory temporary, FetchStep step, CancellationToken cancellationToken)
    {
        step.Progress.Enter(WorkStage.Publishing);
        string baseName = CacheLayout.BaseName(image.Id);
        if (records.Read(baseName).State == RecordState.Damaged)
        {
            records.SetAside(baseName, time.GetUtcNow());
        }

        ImageRecord record = RecordOf(image, file);
        CacheEntry? there = cache.Find(baseName);
        if (there is null && Publish(record, file, temporary, replace: false))
        {
            return cache.Find(baseName)!;
        }

        // Somebody without the lock (nova's precache takes none) may have published while we fetched.
        there = cache.Find(baseName) ?? throw new IOException($"'{baseName}' appeared and vanished while it was published");
        if (await CompareAsync(there, file, step, cancellationToken).ConfigureAwait(false) is { IsIntact: true } equal)
        {
            return Adopt(there, record with { Proof = equal.Proof }, temporary);
        }

        RequireReplaceable(there, image, step, cancellationToken);
        Publish(record, file, temporary, replace: true);
        return cache.Find(baseName)!;
    }

    private bool Publish(ImageRecord record, FetchedFile file, TemporaryDirectory temporary, bool replace)
    {
        if (file.Link is not { } link)
        {
            return publisher.Publish(record, file.Draft, temporary, replace) is not null;
        }

        if (!publisher.PublishLink(record with { Size = file.Content.Size }, link.Link, temporary, replace))
        {
            return false;
        }

        link.Made();
        return true;
    }

    private async Task<ContentComparison?> CompareAsync(CacheEntry there, FetchedFile file, FetchStep step, CancellationToken cancellationToken)
    {
        if (!there.Status.IsRegular || file.Digest is not { } digest || file.Content.Size != there.Status.Size)
        {
            return null;
        }

        step.Progress.Enter(WorkStage.Verifying, there.Status.Size);
        return await content.CompareAsync(there.Path, digest, step.Progress, cancellationToken).ConfigureAwait(false);
    }

    private CacheEntry Adopt(CacheEntry there, ImageRecord record, TemporaryDirectory temporary)
    {
        ImageRecord adopted = record with
        {
            Method = there.Record?.Method ?? BaseImageMethod.Foreign,
            Size = there.Status.Size,
            Inode = there.Status.Inode,
            UseCount = there.Record?.UseCount ?? 0,
        };
        records.Write(BaseFileTouch.Apply(there.Path, adopted, time.GetUtcNow()), temporary, durable: true);
        return cache.Find(there.BaseName)!;
    }

    private void RequireReplaceable(CacheEntry there, ResolvedImage image, FetchStep step, CancellationToken cancellationToken)
    {
        if (!step.Request.Force)
        {
            throw new VerificationException(
                ErrorIds.ForeignFileDiffers,
                $"'{there.Path}', which we did not put there, is not the image '{image.Id}': its bytes differ from what Glance has. It was left alone.",
                image.Id,
                "Find out who made it. -Force (--force) replaces it, if no disk uses it.");
        }

        IReadOnlyList<string> users = present.UsersOf(there.BaseName, cancellationToken);
        if (users.Count > 0)
        {
            throw new BusyException(
                ErrorIds.ImageInUse,
                $"'{there.Path}' differs from the image '{image.Id}' and cannot be replaced: disks have it in their chains ({string.Join(", ", users)}).",
                image.Id,
                "Shut down or rebuild the instances that use it, then fetch again.");
        }
    }

    private ImageRecord RecordOf(ResolvedImage image, FetchedFile file)
    {
        DateTimeOffset now = time.GetUtcNow();
        return new ImageRecord
        {
            Id = image.Id,
            Descriptor = image.Descriptor with { IsCached = false, VirtualSize = image.Descriptor.VirtualSize ?? file.VirtualSize },
            Method = file.Method,
            SourceUri = image.Uri is { } uri ? OpenStack.Http.Redactor.Url(uri) : null,
            SourceDigest = file.SourceDigest?.ToString(),
            Digest = file.Digest?.ToString(),
            DigestStatus = file.Expectation.Status,
            SignatureStatus = file.Signature?.Status ?? (image.Descriptor.IsSigned ? null : SignatureStatus.Unsigned),
            Signature = file.Signature is { } verdict ? signatures.Keep(verdict, file.SignatureHash) : null,
            DiskFormat = file.DiskFormat,
            Size = 0,
            VirtualSize = file.VirtualSize,
            FetchedAt = now,
            VerifiedAt = now,
            LastUsedAt = now,
            UseCount = 0,
            Node = Environment.MachineName,
        };
    }
}
