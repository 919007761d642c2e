namespace ImageCache.Engine.Trust;

/// <summary>What a signature is worth, and on what grounds.</summary>
internal sealed record SignatureVerdict(SignatureStatus Status)
{
    /// <summary>Why; always there for what is neither Valid nor Unsigned.</summary>
    public string? Reason { get; init; }

    /// <summary>img_signature_key_type, as it is written.</summary>
    public string? KeyType { get; init; }

    /// <summary>img_signature_hash_method, as it is written.</summary>
    public string? HashMethod { get; init; }

    /// <summary>The certificate that signed, when it was to be had.</summary>
    public SignatureCertificate? Certificate { get; init; }

    /// <summary>From the certificate that signed to a trusted root, or as far as it goes; empty when trust was not asked for.</summary>
    public IReadOnlyList<SignatureCertificate> Chain { get; init; } = [];

    /// <summary>Whether trusted certificates were given.</summary>
    public bool TrustChecked { get; init; }

    /// <summary>
    /// The certificates that were read, by id, as PEM: the one that signed and the trusted ones. They are not secret, and
    /// <see cref="RecordedCertificates"/> judges by them later, when nobody can be asked.
    /// </summary>
    public IReadOnlyDictionary<string, string> Certificates { get; init; } = new Dictionary<string, string>();
}
