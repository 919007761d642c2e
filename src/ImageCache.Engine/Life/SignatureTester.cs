using ImageCache.Engine.Fetch;
using ImageCache.Engine.OpenStack;
using ImageCache.Engine.Requests;
using ImageCache.Engine.Sources;
using ImageCache.Engine.Store;
using ImageCache.Engine.Trust;

namespace ImageCache.Engine.Life;

/// <summary>
/// Judges the signature of a cached image, of an image in Glance, or of a file. Nothing is changed and nothing kept. Of a cached image the
/// file is read, and services are asked only for what its record does not say, and not for long.
/// </summary>
/// <param name="directory">The cache.</param>
/// <param name="cache">Its base files.</param>
/// <param name="cloud">For what is not here.</param>
/// <param name="hasty">For questions that may remain open.</param>
/// <param name="signatures">The judge.</param>
/// <param name="hasher">Reads images from their stores.</param>
/// <param name="source">Finds what a cached file was made of.</param>
internal sealed class SignatureTester(
    CacheDirectory directory, CacheReader cache, CloudConnection cloud, CloudConnection hasty, ImageSignatures signatures, SourceHasher hasher, CachedSource source)
{
    /// <summary>Judges.</summary>
    /// <exception cref="ImageCacheException">There is no such image or file, or its data cannot be had.</exception>
    public async Task<SignatureResult> TestAsync(SignatureRequest request, OperationMonitor monitor, CancellationToken cancellationToken)
    {
        using WorkProgress progress = monitor.Begin(request.Subject);
        FetchStep step = new(new FetchRequest { Image = request.Image }, progress, monitor);
        CacheEntry? cached = request.Image is { } reference ? Cached(reference) : null;
        if (request.Path is { } path)
        {
            return await TestFileAsync(path, request, cached?.Record, step, cancellationToken).ConfigureAwait(false);
        }

        if (cached?.Record is not { } record)
        {
            return await TestSourceAsync(await AskAsync(request, cancellationToken).ConfigureAwait(false), step, cancellationToken).ConfigureAwait(false);
        }

        ImageDescriptor image = record.Descriptor.IsSigned ? record.Descriptor : await NowAsync(record, cancellationToken).ConfigureAwait(false);
        return IsSameData(image, record)
            ? await TestCachedAsync(cached, record with { Descriptor = image }, step, cancellationToken).ConfigureAwait(false)
            : await TestSourceAsync(image, step, cancellationToken).ConfigureAwait(false);
    }

    private async Task<SignatureResult> TestFileAsync(
        string path, SignatureRequest request, ImageRecord? record, FetchStep step, CancellationToken cancellationToken)
    {
        ImageDescriptor? image = request.Properties is not null ? null
            : record is { Descriptor.IsSigned: true } ? record.Descriptor
            : await AskAsync(request, cancellationToken).ConfigureAwait(false);
        SignatureClaim claim = SignatureClaim.Read(request.Properties ?? image!.Properties);
        SignatureEvidence evidence = await signatures.GatherAsync(claim, image is null ? null : record?.Signature, cancellationToken).ConfigureAwait(false);
        SourceHash? file = IsKnown(evidence) ? null
            : await SourceHasher.ReadAsync(path, [], claim.HashMethod, step.Progress, cancellationToken).ConfigureAwait(false);
        return Result(evidence, file?.Signature, image?.Id, path, file, "the file");
    }

    private async Task<SignatureResult> TestSourceAsync(ImageDescriptor image, FetchStep step, CancellationToken cancellationToken)
    {
        SignatureClaim claim = SignatureClaim.Read(image);
        SignatureEvidence evidence = await signatures.GatherAsync(claim, kept: null, cancellationToken).ConfigureAwait(false);
        if (IsKnown(evidence))
        {
            return Result(evidence, null, image.Id, null, null, null);
        }

        try
        {
            SourceHash data = await hasher
                .StreamAsync(new ResolvedImage(image, ImageOrigin.Glance), claim.HashMethod!, step, cancellationToken)
                .ConfigureAwait(false);
            return Result(evidence, data.Signature, image.Id, null, data, "the image's data, streamed from its store");
        }
        catch (VerificationException e)
        {
            return Wrong(evidence, e, image.Id, null);
        }
    }

    private async Task<SignatureResult> TestCachedAsync(CacheEntry entry, ImageRecord record, FetchStep step, CancellationToken cancellationToken)
    {
        SignatureClaim claim = SignatureClaim.Read(record.Descriptor);
        SignatureEvidence evidence = await signatures.GatherAsync(claim, record.Signature, cancellationToken).ConfigureAwait(false);
        if (IsKnown(evidence))
        {
            return Result(evidence, null, record.Id, entry.Path, null, null);
        }

        try
        {
            SignatureHashMethod? direct = CachedSource.MayHoldSource(entry, record) ? claim.HashMethod : null;
            SourceHash file = await CachedSource.ReadAsync(entry, record, direct, step.Progress, cancellationToken).ConfigureAwait(false);
            if (direct is not null && CachedSource.IsSource(file, record))
            {
                return Result(evidence, file.Signature, record.Id, entry.Path, file, "the cached file");
            }

            return CachedSource.Known(record, claim.HashMethod!) is { } known
                ? Result(evidence, known, record.Id, entry.Path, file, "the cached file, for its digest; what was signed, by the hash of it that the record keeps")
                : await TestSourceOfAsync(entry, record, claim, evidence, step, cancellationToken).ConfigureAwait(false);
        }
        catch (VerificationException e)
        {
            return Wrong(evidence, e, record.Id, entry.Path);
        }
    }

    private async Task<SignatureResult> TestSourceOfAsync(
        CacheEntry entry, ImageRecord record, SignatureClaim claim, SignatureEvidence evidence, FetchStep step, CancellationToken cancellationToken)
    {
        byte[]? hash = await source.FindAsync(entry, record, claim.HashMethod!, step, cancellationToken).ConfigureAwait(false);
        return Result(evidence, hash, record.Id, entry.Path, null, "the image's data, streamed from its store")
            with { HashedBytes = record.Descriptor.Size };
    }

    private CacheEntry? Cached(string reference)
    {
        IReadOnlyList<CacheEntry> found = directory.Guard(() => cache.Resolve(reference));
        return found.Count == 1 && found[0].Record is { SourceDigest: not null } ? found[0] : null;
    }

    private Task<ImageDescriptor> AskAsync(SignatureRequest request, CancellationToken cancellationToken)
        => request.Image is { } image
            ? cloud.Glance.FindOneAsync(image, cancellationToken)
            : throw new InvalidInputException(ErrorIds.InvalidReference, "Neither an image nor the properties of the file were named.", request.Path);

    // It may have been signed since it was fetched. Where nobody can tell, it is as it was then.
    private async Task<ImageDescriptor> NowAsync(ImageRecord record, CancellationToken cancellationToken)
    {
        try
        {
            return await hasty.Glance.FindOneAsync(record.Id, cancellationToken).ConfigureAwait(false);
        }
        catch (ImageCacheException)
        {
            return record.Descriptor;
        }
    }

    private static bool IsSameData(ImageDescriptor image, ImageRecord record)
        => ReferenceEquals(image, record.Descriptor)
            || !image.IsSigned
            || DigestExpectation.Of(image).Expected is not { } now
            || !ImageDigest.TryParse(record.SourceDigest, out ImageDigest? then)
            || then.Value.Algorithm != now.Algorithm
            || then.Value == now;

    // Only right bytes can tell more than is known; a signature that will not be trusted may still be wrong.
    private bool IsKnown(SignatureEvidence evidence) => signatures.Foresee(evidence) is { Status: not SignatureStatus.Untrusted };

    private SignatureResult Result(SignatureEvidence evidence, byte[]? hash, string? imageId, string? path, SourceHash? read, string? what)
    {
        SignatureVerdict verdict = signatures.Judge(evidence, hash);
        return new SignatureResult
        {
            ImageId = imageId,
            Path = path,
            Status = verdict.Status,
            Reason = verdict.Reason,
            KeyType = verdict.KeyType,
            HashMethod = verdict.HashMethod,
            Certificate = verdict.Certificate,
            Chain = verdict.Chain,
            TrustChecked = verdict.TrustChecked,
            HashedBytes = read?.Length,
            HashedWhat = what,
        };
    }

    private static SignatureResult Wrong(SignatureEvidence evidence, VerificationException cause, string imageId, string? path) => new()
    {
        ImageId = imageId,
        Path = path,
        Status = SignatureStatus.Invalid,
        Reason = cause.Message,
        KeyType = evidence.Claim.KeyType?.Name,
        HashMethod = evidence.Claim.HashMethod?.Name,
        Certificate = evidence.Signer?.Certificate?.Facts,
        TrustChecked = evidence.Trusted is not null,
    };
}
