using ImageCache.Engine.Configuration;
using ImageCache.Engine.Store;

namespace ImageCache.Engine.Trust;

/// <summary>Judges signatures by the settings in force: whom to trust, and where certificates are looked for.</summary>
internal sealed class ImageSignatures(ImageCacheConfiguration configuration, ICertificateStore certificates, TimeProvider time)
{
    private readonly SignatureJudge _judge = new(certificates, time);

    /// <summary>Gets the certificates: those that a record kept, and the others from where they are.</summary>
    public Task<SignatureEvidence> GatherAsync(SignatureClaim claim, RecordedSignature? kept, CancellationToken cancellationToken)
    {
        SignatureJudge judge = kept is null ? _judge : new SignatureJudge(new CertificateSearch([new RecordedCertificates(kept.Certificates), certificates]), time);
        return judge.GatherAsync(claim, configuration.TrustedIds, cancellationToken);
    }

    /// <summary>What is known before the bytes are; of a verdict that is Untrusted, wrong bytes would still make one that is Invalid.</summary>
    /// <returns><see langword="null"/> when right bytes make it Valid.</returns>
    public SignatureVerdict? Foresee(SignatureEvidence evidence)
        => _judge.Foresee(evidence) is { Status: not SignatureStatus.Untrusted } known ? known
            : evidence.Claim.HashMethod is { } method && SignatureHash.WhyNot(method) is { } reason ? WithoutHash(evidence, reason)
            : _judge.Foresee(evidence);

    /// <summary>Judges.</summary>
    /// <param name="evidence">The claim and the certificates.</param>
    /// <param name="hash">The hash of the data by the claim's method; <see langword="null"/> when this machine cannot compute it, or when it is not needed.</param>
    public SignatureVerdict Judge(SignatureEvidence evidence, byte[]? hash)
        => hash is not null ? _judge.Judge(evidence, hash)
            : Foresee(evidence) is { Status: not SignatureStatus.Untrusted } known ? known
            : WithoutHash(evidence, "its data were not hashed");

    /// <summary>Judges again by what a record kept; nobody is asked.</summary>
    public Task<SignatureVerdict> JudgeKeptAsync(SignatureClaim claim, RecordedSignature kept, byte[] hash, CancellationToken cancellationToken)
        => new SignatureJudge(new RecordedCertificates(kept.Certificates), time).JudgeAsync(claim, hash, configuration.TrustedIds, cancellationToken);

    /// <summary>What a record shall keep of a verdict.</summary>
    /// <returns><see langword="null"/> when there was no signature.</returns>
    public RecordedSignature? Keep(SignatureVerdict verdict, byte[]? hash)
        => verdict.Status == SignatureStatus.Unsigned ? null : RecordedSignature.Of(verdict, hash, configuration.TrustedIds, time.GetUtcNow());

    private static SignatureVerdict WithoutHash(SignatureEvidence evidence, string reason) => new(SignatureStatus.Unverifiable)
    {
        Reason = $"The signature cannot be compared: {reason}.",
        KeyType = evidence.Claim.KeyType?.Name,
        HashMethod = evidence.Claim.HashMethod?.Name,
        Certificate = evidence.Signer?.Certificate?.Facts,
        TrustChecked = evidence.Trusted is not null,
    };
}
