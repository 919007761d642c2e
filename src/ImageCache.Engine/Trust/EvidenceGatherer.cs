using ImageCache.Engine.Native.Crypto;

namespace ImageCache.Engine.Trust;

/// <summary>Fetches the certificates that a judgement needs.</summary>
internal sealed class EvidenceGatherer(ICertificateStore certificates)
{
    private const int AtOnce = 8;

    /// <summary>Fetches them: what may take time and fail, and can be done before any byte moves.</summary>
    public async Task<SignatureEvidence> GatherAsync(SignatureClaim claim, IReadOnlyList<string>? trustedIds, CancellationToken cancellationToken)
    {
        if (claim.Settled is not null)
        {
            return new SignatureEvidence(claim, null, trustedIds is null ? null : []);
        }

        CertificateFinding signer = WhyNot(claim.HashMethod!) is { } reason
            ? CertificateFinding.Unknown($"The signature cannot be checked here: {reason}.")
            : await certificates.FindAsync(claim.CertificateId!, cancellationToken).ConfigureAwait(false);

        // Without the certificate that signed nothing can be judged, and trusted ones need not be waited for.
        return trustedIds is null || signer.Certificate is null
            ? new SignatureEvidence(claim, signer, trustedIds is null ? null : [])
            : new SignatureEvidence(claim, signer, await FindTrustedAsync(signer.Certificate, trustedIds, cancellationToken).ConfigureAwait(false));
    }

    private static string? WhyNot(SignatureHashMethod method) => CryptoLibrary.WhyNot() ?? SignatureHash.WhyNot(method);

    private async Task<IReadOnlyList<CertificateFinding>> FindTrustedAsync(
        Certificate signer, IReadOnlyList<string> ids, CancellationToken cancellationToken)
    {
        CertificateFinding[] findings = new CertificateFinding[ids.Count];
        ParallelOptions options = new() { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(Enumerable.Range(0, ids.Count), options, async (index, token) =>
        {
            findings[index] = CertificateIds.AreSame(ids[index], signer.Id)
                ? CertificateFinding.Found(signer)
                : await certificates.FindAsync(ids[index], token).ConfigureAwait(false);
        }).ConfigureAwait(false);
        return findings;
    }
}
