namespace ImageCache.Engine.Trust;

/// <summary>Judges image signatures as nova does with verify_glance_signatures and trusted certificates.</summary>
internal sealed class SignatureJudge(ICertificateStore certificates, TimeProvider time)
{
    /// <summary>Fetches the certificates: what may take time and fail, and can be done before any byte moves.</summary>
    /// <param name="claim">What the image says.</param>
    /// <param name="trustedIds">The ids of trusted certificates; <see langword="null"/> does not ask for trust, none at all trusts nobody.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public async Task<SignatureEvidence> GatherAsync(SignatureClaim claim, IReadOnlyList<string>? trustedIds, CancellationToken cancellationToken)
    {
        if (claim.Settled is not null)
        {
            return new SignatureEvidence(claim, null, null);
        }

        CertificateFinding signer = await certificates.FindAsync(claim.CertificateId!, cancellationToken).ConfigureAwait(false);
        List<CertificateFinding> trusted = [];
        foreach (string id in trustedIds ?? [])
        {
            trusted.Add(await certificates.FindAsync(id, cancellationToken).ConfigureAwait(false));
        }

        return new SignatureEvidence(claim, signer, trustedIds is null ? null : trusted);
    }

    /// <summary>The verdict, if it is known before the bytes: Unsigned, Unverifiable, a claim that cannot be right, or Untrusted unless it is worse.</summary>
    /// <returns><see langword="null"/> when all depends on the bytes.</returns>
    public SignatureVerdict? Foresee(SignatureEvidence evidence)
        => evidence.Claim.Settled ?? (evidence.Signer!.Certificate is null ? Judge(evidence, ReadOnlySpan<byte>.Empty) : null);

    /// <summary>Judges the bytes by their hash, which must be made by the claim's method.</summary>
    public SignatureVerdict Judge(SignatureEvidence evidence, ReadOnlySpan<byte> hash)
        => evidence.Claim.Settled ?? new SignatureVerdict(SignatureStatus.Unverifiable)
        {
            Reason = $"The signature was not judged at {time.GetUtcNow():u} for want of a verifier of {hash.Length} bytes.",
            KeyType = evidence.Claim.KeyType!.Name,
            HashMethod = evidence.Claim.HashMethod!.Name,
            Certificate = evidence.Signer?.Certificate?.Facts,
            TrustChecked = evidence.Trusted is not null,
        };

    /// <summary>Fetches the certificates and judges.</summary>
    public async Task<SignatureVerdict> JudgeAsync(
        SignatureClaim claim, ReadOnlyMemory<byte> hash, IReadOnlyList<string>? trustedIds, CancellationToken cancellationToken)
        => Judge(await GatherAsync(claim, trustedIds, cancellationToken).ConfigureAwait(false), hash.Span);
}
