namespace ImageCache;

/// <summary>What became of the check of an image's signature.</summary>
public sealed record SignatureResult
{
    /// <summary>The image; <see langword="null"/> for a file without one.</summary>
    public string? ImageId { get; init; }

    /// <summary>The file that was read; <see langword="null"/> when the image was streamed.</summary>
    public string? Path { get; init; }

    /// <summary>The outcome.</summary>
    public required SignatureStatus Status { get; init; }

    /// <summary>Why; always there for what is neither Valid nor Unsigned.</summary>
    public string? Reason { get; init; }

    /// <summary>img_signature_key_type: <c>RSA-PSS</c>, <c>DSA</c>, <c>ECC_SECP384R1</c> ….</summary>
    public string? KeyType { get; init; }

    /// <summary>img_signature_hash_method: <c>SHA-256</c> ….</summary>
    public string? HashMethod { get; init; }

    /// <summary>The certificate that signed; <see langword="null"/> when it was not to be had.</summary>
    public SignatureCertificate? Certificate { get; init; }

    /// <summary>From the certificate that signed to a trusted root; as far as it goes when the root was not reached. Empty when trust was not asked for.</summary>
    public IReadOnlyList<SignatureCertificate> Chain { get; init; } = [];

    /// <summary>Whether trusted certificates were given, so that the chain counts.</summary>
    public bool TrustChecked { get; init; }

    /// <summary>How many bytes were hashed for this; <see langword="null"/> when none had to be.</summary>
    public long? HashedBytes { get; init; }

    /// <summary>What was hashed, in words: the image's data, a file, or a digest that was known already.</summary>
    public string? HashedWhat { get; init; }
}
