namespace ImageCache.Engine.Trust;

/// <summary>All that a judgement needs besides the bytes.</summary>
/// <param name="Claim">What the image says.</param>
/// <param name="Signer">The certificate that signed; <see langword="null"/> when the claim is settled without it.</param>
/// <param name="Trusted">The trusted certificates; <see langword="null"/> when trust is not asked for.</param>
internal sealed record SignatureEvidence(SignatureClaim Claim, CertificateFinding? Signer, IReadOnlyList<CertificateFinding>? Trusted)
{
    /// <summary>All certificates that were found, by id, as PEM.</summary>
    public IReadOnlyDictionary<string, string> Pems()
    {
        Dictionary<string, string> pems = new(StringComparer.Ordinal);
        foreach (CertificateFinding finding in (Trusted ?? []).Append(Signer).OfType<CertificateFinding>())
        {
            if (finding.Certificate is { } certificate)
            {
                pems[certificate.Id] = certificate.Pem;
            }
        }

        return pems;
    }
}
