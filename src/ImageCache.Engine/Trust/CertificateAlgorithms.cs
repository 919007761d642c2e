namespace ImageCache.Engine.Trust;

/// <summary>
/// The algorithms by which a certificate may be signed: RSA by PKCS #1 v1.5, DSA and ECDSA, with SHA-1, SHA-2 or SHA-3. nova
/// (cursive) knows no PSS and no Edwards curves there, and MD5 proves nothing any more.
/// </summary>
internal static class CertificateAlgorithms
{
    private static readonly HashSet<string> s_accepted = new(StringComparer.Ordinal)
    {
        // RFC 8017, appendix A.2.4: sha1, sha256, sha384, sha512, sha224 WithRSAEncryption.
        "1.2.840.113549.1.1.5", "1.2.840.113549.1.1.11", "1.2.840.113549.1.1.12", "1.2.840.113549.1.1.13", "1.2.840.113549.1.1.14",

        // RFC 3279 and RFC 5758: dsa-with-sha1, then with SHA-224 to SHA-512.
        "1.2.840.10040.4.3",
        "2.16.840.1.101.3.4.3.1", "2.16.840.1.101.3.4.3.2", "2.16.840.1.101.3.4.3.3", "2.16.840.1.101.3.4.3.4",

        // RFC 3279 and RFC 5758: ecdsa-with-SHA1, then with SHA-224 to SHA-512.
        "1.2.840.10045.4.1", "1.2.840.10045.4.3.1", "1.2.840.10045.4.3.2", "1.2.840.10045.4.3.3", "1.2.840.10045.4.3.4",

        // NIST's CSOR: DSA, ECDSA and RSA with SHA3-224 to SHA3-512.
        "2.16.840.1.101.3.4.3.5", "2.16.840.1.101.3.4.3.6", "2.16.840.1.101.3.4.3.7", "2.16.840.1.101.3.4.3.8",
        "2.16.840.1.101.3.4.3.9", "2.16.840.1.101.3.4.3.10", "2.16.840.1.101.3.4.3.11", "2.16.840.1.101.3.4.3.12",
        "2.16.840.1.101.3.4.3.13", "2.16.840.1.101.3.4.3.14", "2.16.840.1.101.3.4.3.15", "2.16.840.1.101.3.4.3.16",
    };

    public static bool Accepts(string oid) => s_accepted.Contains(oid);
}
