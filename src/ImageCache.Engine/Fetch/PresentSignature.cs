using ImageCache.Engine.Configuration;
using ImageCache.Engine.Sources;
using ImageCache.Engine.Store;
using ImageCache.Engine.Trust;

namespace ImageCache.Engine.Fetch;

/// <summary>
/// Holds a cached image to the signature policy of now. What the record kept is judged first and asks nobody; what it does not say is found
/// out, and kept.
/// </summary>
internal sealed class PresentSignature(ImageCacheConfiguration configuration, ImageSignatures signatures, CachedSource source)
{
    /// <summary>Requires what the policy asks of the signature.</summary>
    /// <returns>The record, with what was found out.</returns>
    /// <exception cref="ImageCacheException">The image is refused.</exception>
    public async Task<ImageRecord> RequireAsync(CacheEntry entry, ImageRecord record, ResolvedImage image, FetchStep step, CancellationToken cancellationToken)
    {
        SignaturePolicy policy = SignatureRules.PolicyFor(step.Request, configuration);
        if (policy == SignaturePolicy.Ignore)
        {
            return record;
        }

        record = WithClaimOf(image, record);
        SignatureClaim claim = SignatureClaim.Read(record.Descriptor);
        if (claim.Settled is null && await TryKeptAsync(claim, record, policy, cancellationToken).ConfigureAwait(false) is { } kept)
        {
            return Accept(kept, record, policy, step) with { SignatureStatus = kept.Status };
        }

        SignatureEvidence evidence = await signatures.GatherAsync(claim, record.Signature, cancellationToken).ConfigureAwait(false);
        if (signatures.Foresee(evidence) is { } foreseen)
        {
            SignatureRules.Require(foreseen, policy, record.Id);
        }

        byte[]? hash = claim.Settled is null ? CachedSource.Known(record, claim.HashMethod!) : null;
        SignatureVerdict verdict = claim.Settled is null && hash is null
            ? await ReadAndJudgeAsync().ConfigureAwait(false)
            : signatures.Judge(evidence, hash);
        return Accept(verdict, record, policy, step) with { SignatureStatus = verdict.Status, Signature = signatures.Keep(verdict, hash) };

        async Task<SignatureVerdict> ReadAndJudgeAsync()
        {
            try
            {
                hash = await source.FindAsync(entry, record, claim.HashMethod!, step, cancellationToken).ConfigureAwait(false);
                return signatures.Judge(evidence, hash);
            }
            catch (ImageCacheException e) when (e is UnavailableException or NotFoundException or InvalidInputException or PolicyException)
            {
                return Unread(claim, e);
            }
        }
    }

    // By the record alone, if that is enough: a valid signature always is, a wrong one too, and what was judged for the same trust is as long
    // as the policy does not ask for more.
    private async Task<SignatureVerdict?> TryKeptAsync(SignatureClaim claim, ImageRecord record, SignaturePolicy policy, CancellationToken cancellationToken)
    {
        if (record.Signature is not { } kept)
        {
            return null;
        }

        if (kept.HashBy(claim.HashMethod!) is { } hash)
        {
            SignatureVerdict verdict = await signatures.JudgeKeptAsync(claim, kept, hash, cancellationToken).ConfigureAwait(false);
            if (verdict.Status is SignatureStatus.Valid or SignatureStatus.Invalid)
            {
                return verdict;
            }

            if (policy != SignaturePolicy.Require && kept.IsForTrust(configuration.TrustedIds))
            {
                return verdict.Status == SignatureStatus.Unverifiable ? verdict with { Reason = kept.Reason ?? verdict.Reason } : verdict;
            }
        }

        return policy != SignaturePolicy.Require && record.SignatureStatus == SignatureStatus.Unverifiable && kept.IsForTrust(configuration.TrustedIds)
            ? new SignatureVerdict(SignatureStatus.Unverifiable) { Reason = kept.Reason }
            : null;
    }

    private static ImageRecord Accept(SignatureVerdict verdict, ImageRecord record, SignaturePolicy policy, FetchStep step)
    {
        SignatureRules.Require(verdict, policy, record.Id);
        SignatureRules.Warn(verdict, record.Id, step.Monitor);
        return record;
    }

    // An image may have been signed, or signed anew, after it was fetched. Its data are the same: their digest was compared.
    private static ImageRecord WithClaimOf(ResolvedImage image, ImageRecord record)
    {
        if (image.Origin is not (ImageOrigin.Glance or ImageOrigin.Registered) || IsSameClaim(image.Descriptor, record.Descriptor))
        {
            return record;
        }

        ImageDescriptor now = record.Descriptor with { Properties = image.Descriptor.Properties, IsSigned = image.Descriptor.IsSigned };
        return record with { Descriptor = now, SignatureStatus = null, Signature = null };
    }

    private static bool IsSameClaim(ImageDescriptor now, ImageDescriptor then)
    {
        IReadOnlyDictionary<string, string> former = SignatureClaim.Read(then).Properties;
        IReadOnlyDictionary<string, string> current = SignatureClaim.Read(now).Properties;
        return former.Count == current.Count && former.All(property => current.TryGetValue(property.Key, out string? value) && value == property.Value);
    }

    private static SignatureVerdict Unread(SignatureClaim claim, ImageCacheException cause) => new(SignatureStatus.Unverifiable)
    {
        Reason = $"The cached file is not in the form that was signed, and the image's data could not be read again: {cause.Message}",
        HashMethod = claim.HashMethod!.Name,
        KeyType = claim.KeyType!.Name,
    };
}
