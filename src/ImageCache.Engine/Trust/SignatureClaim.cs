using ImageCache.Engine.OpenStack.Http;

namespace ImageCache.Engine.Trust;

/// <summary>What an image's properties say about its signature. Source: the Glance guide's "Image Signature Verification".</summary>
internal sealed record SignatureClaim
{
    /// <summary>The property with the signature, in base64.</summary>
    public const string SignatureProperty = "img_signature";

    /// <summary>The property with the hash method.</summary>
    public const string HashMethodProperty = "img_signature_hash_method";

    /// <summary>The property with the key type.</summary>
    public const string KeyTypeProperty = "img_signature_key_type";

    /// <summary>The property with the certificate's id.</summary>
    public const string CertificateProperty = "img_signature_certificate_uuid";

    // In base64; RSA with 16,384 bits, which is the most that OpenSSL takes, needs a sixth of it.
    private const int LongestSignature = 16 << 10;

    private const int LongestWord = 64;

    private static readonly string[] s_properties = [SignatureProperty, HashMethodProperty, KeyTypeProperty, CertificateProperty];

    private SignatureClaim(IReadOnlyDictionary<string, string> properties)
    {
        Properties = properties;
    }

    /// <summary>The four properties, as far as they are there: all that has to be kept to judge again later.</summary>
    public IReadOnlyDictionary<string, string> Properties { get; }

    /// <summary>The outcome that no byte and no certificate can change: there is no signature, or none that can be judged.</summary>
    public SignatureVerdict? Settled { get; private init; }

    /// <summary>How the bytes are to be hashed; there when nothing is settled.</summary>
    public SignatureHashMethod? HashMethod { get; private init; }

    /// <summary>What kind of key signed; there when nothing is settled.</summary>
    public SignatureKeyType? KeyType { get; private init; }

    /// <summary>The certificate's id; there when nothing is settled.</summary>
    public string? CertificateId { get; private init; }

    /// <summary>The signature; empty when something is settled.</summary>
    public ReadOnlyMemory<byte> Signature { get; private init; }

    /// <summary>Reads the claim of an image.</summary>
    public static SignatureClaim Read(ImageDescriptor image) => Read(image.Properties);

    /// <summary>Reads the claim among an image's properties; others are passed over.</summary>
    public static SignatureClaim Read(IReadOnlyDictionary<string, string> properties)
    {
        Dictionary<string, string> own = properties.Where(static property => s_properties.Contains(property.Key)).ToDictionary(StringComparer.Ordinal);
        if (own.Count == 0)
        {
            return new SignatureClaim(own) { Settled = new SignatureVerdict(SignatureStatus.Unsigned) };
        }

        string[] missing = [.. s_properties.Where(name => string.IsNullOrEmpty(own.GetValueOrDefault(name)))];
        return missing.Length > 0
            ? Settle(own, SignatureStatus.Unverifiable, $"The signature is incomplete: {string.Join(", ", missing)} is missing.")
            : ReadWhole(own);
    }

    private static SignatureClaim ReadWhole(Dictionary<string, string> own)
    {
        if (!SignatureHashMethod.TryGet(own[HashMethodProperty], out SignatureHashMethod? method))
        {
            return Settle(own, SignatureStatus.Unverifiable, $"The hash method in {HashMethodProperty} is unknown; known are {Names(SignatureHashMethod.Known.Select(static known => known.Name))}.");
        }

        if (!SignatureKeyType.TryGet(own[KeyTypeProperty], out SignatureKeyType? type))
        {
            return Settle(own, SignatureStatus.Unverifiable, $"The key type in {KeyTypeProperty} is unknown; known are {Names(SignatureKeyType.Known.Select(static known => known.Name))}.");
        }

        if (!CertificateIds.IsPossible(own[CertificateProperty]))
        {
            return Settle(own, SignatureStatus.Unverifiable, $"{CertificateProperty} is no UUID.");
        }

        // Python's decoder skips all that is not of the alphabet; here white space is skipped, and nothing else.
        string text = own[SignatureProperty];
        byte[] signature = new byte[Math.Min(text.Length, LongestSignature)];
        return text.Length <= LongestSignature && Convert.TryFromBase64String(text, signature, out int length) && length > 0
            ? new SignatureClaim(own) { HashMethod = method, KeyType = type, CertificateId = own[CertificateProperty], Signature = signature.AsMemory(0, length) }
            : Settle(own, SignatureStatus.Invalid, $"{SignatureProperty} is not base64.");
    }

    private static SignatureClaim Settle(Dictionary<string, string> own, SignatureStatus status, string reason) => new(own)
    {
        Settled = new SignatureVerdict(status)
        {
            Reason = reason,
            KeyType = Shown(own.GetValueOrDefault(KeyTypeProperty)),
            HashMethod = Shown(own.GetValueOrDefault(HashMethodProperty)),
        },
    };

    private static string? Shown(string? text) => text is null ? null : Redactor.Printable(text.Length > LongestWord ? text[..LongestWord] + "…" : text);

    private static string Names(IEnumerable<string> names) => string.Join(", ", names);
}
