using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace ImageCache.Engine.Trust;

/// <summary>A certificate that was read. Source: RFC 5280.</summary>
internal sealed class Certificate
{
    private Certificate(string id, X509Certificate2 read)
    {
        Pem = read.ExportCertificatePem();
        Facts = new SignatureCertificate
        {
            Id = id,
            Subject = read.Subject,
            Issuer = read.Issuer,
            Serial = read.SerialNumber,
            NotBefore = read.NotBefore.ToUniversalTime(),
            NotAfter = read.NotAfter.ToUniversalTime(),
        };
    }

    /// <summary>The certificate as text.</summary>
    public string Pem { get; }

    /// <summary>What it says about itself.</summary>
    public SignatureCertificate Facts { get; }

    /// <summary>Reads PEM or DER.</summary>
    /// <returns><see langword="null"/> when it is neither.</returns>
    public static Certificate? TryRead(string id, ReadOnlySpan<byte> bytes)
    {
        try
        {
            using X509Certificate2 read = X509CertificateLoader.LoadCertificate(bytes);
            return new Certificate(id, read);
        }
        catch (CryptographicException)
        {
            return null;
        }
    }
}
