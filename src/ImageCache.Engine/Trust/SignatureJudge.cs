using ImageCache.Engine.Native.Crypto;

namespace ImageCache.Engine.Trust;

/// <summary>
/// Judges image signatures as nova does (cursive's signature_utils and certificate_utils). The first that applies decides: nothing
/// to judge by (Unsigned, Unverifiable), a wrong signature (Invalid), a certificate that does not count (Untrusted), else Valid.
/// </summary>
internal sealed class SignatureJudge(ICertificateStore certificates, TimeProvider time)
{
    private const int MostReasons = 5;

    private readonly EvidenceGatherer _gatherer = new(certificates);

    /// <summary>Fetches the certificates: what may take time and fail, and can be done before any byte moves.</summary>
    /// <param name="claim">What the image says.</param>
    /// <param name="trustedIds">The ids of trusted certificates; <see langword="null"/> does not ask for trust, none at all trusts nobody.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public Task<SignatureEvidence> GatherAsync(SignatureClaim claim, IReadOnlyList<string>? trustedIds, CancellationToken cancellationToken)
        => _gatherer.GatherAsync(claim, trustedIds, cancellationToken);

    /// <summary>
    /// What is known before the bytes: Unsigned, Unverifiable, Invalid by what the image says of itself, or Untrusted, which wrong bytes
    /// would still make Invalid.
    /// </summary>
    /// <returns><see langword="null"/> when right bytes make it Valid.</returns>
    public SignatureVerdict? Foresee(SignatureEvidence evidence)
        => CheckSigner(evidence) ?? (CheckTrust(evidence) is { Status: not SignatureStatus.Valid } verdict ? verdict : null);

    /// <summary>Judges the bytes by their hash, made by the claim's method.</summary>
    /// <exception cref="ArgumentException">No such hash is that long.</exception>
    public SignatureVerdict Judge(SignatureEvidence evidence, ReadOnlySpan<byte> hash)
        => CheckSigner(evidence) ?? CheckSignature(evidence, hash) ?? CheckTrust(evidence);

    /// <summary>Fetches the certificates and judges.</summary>
    public async Task<SignatureVerdict> JudgeAsync(
        SignatureClaim claim, ReadOnlyMemory<byte> hash, IReadOnlyList<string>? trustedIds, CancellationToken cancellationToken)
        => Judge(await GatherAsync(claim, trustedIds, cancellationToken).ConfigureAwait(false), hash.Span);

    private static SignatureVerdict? CheckSigner(SignatureEvidence evidence)
    {
        if (evidence.Claim.Settled is { } settled)
        {
            return settled with { TrustChecked = evidence.Trusted is not null };
        }

        if (evidence.Signer!.Certificate is not { } signer)
        {
            return Verdict(evidence, SignatureStatus.Unverifiable, evidence.Signer.Reason);
        }

        using CryptoKey? key = signer.OpenKey();
        KeyKind kind = key?.Kind ?? KeyKind.Other;
        return key is null ? Verdict(evidence, SignatureStatus.Unverifiable, $"OpenSSL on this machine cannot use the key of the certificate '{signer.Id}'.")
            : kind != evidence.Claim.KeyType!.Kind ? Verdict(evidence, SignatureStatus.Invalid, $"The certificate '{signer.Id}' has no key of the type {evidence.Claim.KeyType.Name}.")
            : null;
    }

    private static SignatureVerdict? CheckSignature(SignatureEvidence evidence, ReadOnlySpan<byte> hash)
    {
        SignatureHashMethod method = evidence.Claim.HashMethod!;
        if (hash.Length != method.Length)
        {
            throw new ArgumentException($"A hash by {method.Name} has {method.Length} bytes.", nameof(hash));
        }

        using CryptoKey? key = evidence.Signer!.Certificate!.OpenKey();
        return CryptoVerification.Verify(key!, method.OpenSslName, hash, evidence.Claim.Signature.Span) switch
        {
            true => null,
            false => Verdict(evidence, SignatureStatus.Invalid, "The signature is wrong: the data or the signature were changed, or another key signed."),
            null => Verdict(evidence, SignatureStatus.Unverifiable, $"OpenSSL on this machine does not verify {evidence.Claim.KeyType!.Name} with {method.Name} by the key of the certificate '{evidence.Signer.Certificate.Id}'."),
        };
    }

    // As if the signature was right.
    private SignatureVerdict CheckTrust(SignatureEvidence evidence)
    {
        Certificate signer = evidence.Signer!.Certificate!;
        DateTimeOffset now = time.GetUtcNow();
        if (!signer.IsValidAt(now))
        {
            return Verdict(evidence, SignatureStatus.Untrusted, now < signer.Facts.NotBefore
                ? $"The certificate '{signer.Id}' is not valid before {signer.Facts.NotBefore:u}."
                : $"The certificate '{signer.Id}' has expired at {signer.Facts.NotAfter:u}.");
        }

        string? usage = signer.WhyNotSigner is { } reason ? $"The certificate '{signer.Id}' may not sign images: {reason}." : null;
        if (evidence.Trusted is null)
        {
            const string Anybody = "The signature is right. No trusted certificates were given, so anybody with a certificate may have signed.";
            return Verdict(evidence, SignatureStatus.Valid, usage is null ? Anybody : $"{Anybody} {usage}");
        }

        return usage is not null
            ? Verdict(evidence, SignatureStatus.Untrusted, usage)
            : CheckChain(evidence, signer, evidence.Trusted, now);
    }

    private static SignatureVerdict CheckChain(
        SignatureEvidence evidence, Certificate signer, IReadOnlyList<CertificateFinding> trusted, DateTimeOffset now)
    {
        CertificateChain chains = new(trusted.Select(static finding => finding.Certificate).OfType<Certificate>(), now);
        IReadOnlyList<Certificate> chain = chains.Find(signer, out string? reason);
        SignatureVerdict verdict = Verdict(evidence, SignatureStatus.Valid, null) with { Chain = [.. chain.Select(static certificate => certificate.Facts)] };
        if (reason is null)
        {
            return verdict;
        }

        // One that could not be had may be the missing link.
        CertificateFinding[] missing = [.. trusted.Where(static finding => finding.Certificate is null)];
        IEnumerable<string?> details = chains.PassedOver.Select(Sentence).Concat(missing.Select(static finding => finding.Reason)).Take(MostReasons);
        return verdict with
        {
            Status = missing.All(static finding => finding.IsFinal) ? SignatureStatus.Untrusted : SignatureStatus.Unverifiable,
            Reason = string.Join(' ', details.Prepend($"No chain leads to a trusted root: {reason}.")),
        };
    }

    private static string Sentence(string clause) => $"{char.ToUpperInvariant(clause[0])}{clause[1..]}.";

    private static SignatureVerdict Verdict(SignatureEvidence evidence, SignatureStatus status, string? reason) => new(status)
    {
        Reason = reason,
        KeyType = evidence.Claim.KeyType!.Name,
        HashMethod = evidence.Claim.HashMethod!.Name,
        Certificate = evidence.Signer!.Certificate?.Facts,
        TrustChecked = evidence.Trusted is not null,
        Certificates = evidence.Pems(),
    };
}
