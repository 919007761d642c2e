using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using ImageCache.Engine.Native.Crypto;
using ImageCache.Engine.OpenStack.Http;

namespace ImageCache.Engine.Trust;

/// <summary>
/// A certificate (RFC 5280) that was read whole: .NET tells what it says, libcrypto computes with its key. It holds no handle, so
/// that it may live as long as somebody wants it.
/// </summary>
internal sealed class Certificate
{
    /// <summary>The largest text or data that is taken for a certificate: what key managers accept as one secret.</summary>
    public const int LargestSize = 64 << 10;


    private readonly byte[] _der;
    private readonly byte[] _subject;
    private readonly byte[] _issuer;

    private Certificate(string id, byte[] der, X509Certificate2 read)
    {
        _der = der;
        _subject = read.SubjectName.RawData;
        _issuer = read.IssuerName.RawData;
        SignatureAlgorithm = read.SignatureAlgorithm.Value ?? string.Empty;
        WhyNotSigner = CertificateUsage.WhyNotSigner(read);
        WhyNotAuthority = CertificateUsage.WhyNotAuthority(read);
        PathLength = WhyNotAuthority is null ? CertificateUsage.PathLength(read) : null;
        Facts = new SignatureCertificate
        {
            Id = id,
            Subject = Text(read.SubjectName.Name),
            Issuer = Text(read.IssuerName.Name),
            Serial = read.SerialNumber,
            NotBefore = read.NotBefore.ToUniversalTime(),
            NotAfter = read.NotAfter.ToUniversalTime(),
        };
    }

    /// <summary>What it says about itself.</summary>
    public SignatureCertificate Facts { get; }

    /// <summary>The id under which it was found.</summary>
    public string Id => Facts.Id!;

    /// <summary>The certificate as text.</summary>
    public string Pem => PemEncoding.WriteString("CERTIFICATE", _der);

    /// <summary>The object identifier of the algorithm that its issuer signed with.</summary>
    public string SignatureAlgorithm { get; }

    /// <summary>Why its key may not sign data; <see langword="null"/> when it may.</summary>
    public string? WhyNotSigner { get; }

    /// <summary>Why its key may not sign certificates; <see langword="null"/> when it may.</summary>
    public string? WhyNotAuthority { get; }

    /// <summary>How many authorities may stand between it and the certificate at the end; <see langword="null"/> for any number.</summary>
    public int? PathLength { get; }

    /// <summary>Reads DER, or the first certificate in a PEM text.</summary>
    /// <returns><see langword="null"/> when it is neither.</returns>
    public static Certificate? TryRead(string id, ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length is 0 or > LargestSize || (TryDer(bytes) ?? TryPem(bytes)) is not { } der)
        {
            return null;
        }

        try
        {
            using X509Certificate2 read = X509CertificateLoader.LoadCertificate(der);
            return new Certificate(id, der, read);
        }
        catch (Exception error) when (error is CryptographicException or ArgumentException)
        {
            // .NET finds out about bad dates and names only when it is asked for them.
            return null;
        }
    }

    /// <summary>Whether the time is within its dates, both of them included.</summary>
    public bool IsValidAt(DateTimeOffset time) => time >= Facts.NotBefore && time <= Facts.NotAfter;

    /// <summary>Whether both are the same certificate.</summary>
    public bool IsSameAs(Certificate other) => _der.AsSpan().SequenceEqual(other._der);

    /// <summary>Whether another certificate's name and key are those of its issuer.</summary>
    public bool IsIssuedBy(Certificate issuer)
    {
        if (!_issuer.AsSpan().SequenceEqual(issuer._subject) || !CertificateAlgorithms.Accepts(SignatureAlgorithm))
        {
            return false;
        }

        using CryptoCertificate? own = CryptoCertificate.TryParse(_der);
        using CryptoKey? key = issuer.OpenKey();
        return own is not null && key is not null && key.Kind != KeyKind.Other && own.IsSignedBy(key);
    }

    /// <summary>The key, to verify with.</summary>
    /// <returns><see langword="null"/> when libcrypto on this machine cannot use it.</returns>
    public CryptoKey? OpenKey()
    {
        using CryptoCertificate? own = CryptoCertificate.TryParse(_der);
        return own?.TryGetKey();
    }

    private static byte[]? TryDer(ReadOnlySpan<byte> bytes)
    {
        Asn1Tag sequence = Asn1Tag.Sequence;
        return AsnDecoder.TryReadEncodedValue(bytes, AsnEncodingRules.DER, out Asn1Tag tag, out _, out _, out int length)
            && tag == sequence && length == bytes.Length ? bytes.ToArray() : null;
    }

    private static byte[]? TryPem(ReadOnlySpan<byte> bytes)
    {
        ReadOnlySpan<char> text = Encoding.Latin1.GetString(bytes);
        while (PemEncoding.TryFind(text, out PemFields fields))
        {
            if (text[fields.Label] is "CERTIFICATE" or "X509 CERTIFICATE")
            {
                byte[] der = new byte[fields.DecodedDataLength];
                return Convert.TryFromBase64Chars(text[fields.Base64Data], der, out int length) && length == der.Length ? TryDer(der) : null;
            }

            text = text[fields.Location.End..];
        }

        return null;
    }

    // Names are the signer's own words, and go to terminals and into records.
    private static string Text(string name) => Redactor.Printable(Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(name)));
}
