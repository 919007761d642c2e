using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using ImageCache.Engine.Trust;

namespace ImageCache.Engine.Tests.Trust;

/// <summary>A P-384 key with a certificate as a test wants it, made by .NET.</summary>
internal sealed class TestSigner : IDisposable
{
    public static readonly DateTimeOffset Now = new(2026, 6, 1, 12, 0, 0, TimeSpan.Zero);

    private readonly ECDsa _key;
    private readonly X509Certificate2 _certificate;

    private TestSigner(ECDsa key, X509Certificate2 certificate)
    {
        _key = key;
        _certificate = certificate;
    }

    /// <summary>What the key manager would call its certificate.</summary>
    public string Id { get; } = Guid.NewGuid().ToString();

    public byte[] Der => _certificate.RawData;

    public string Pem => _certificate.ExportCertificatePem();

    /// <summary>As the engine reads it.</summary>
    public Certificate Certificate => Certificate.TryRead(Id, Der)!;

    /// <summary>A certificate that says nothing of usage.</summary>
    public static TestSigner Plain(string name, TestSigner? issuer = null, Dates? dates = null) => Create(name, issuer, dates);

    /// <summary>One with a key usage.</summary>
    public static TestSigner With(X509KeyUsageFlags usage, TestSigner? issuer = null, string name = "Signer")
        => Create(name, issuer, null, new X509KeyUsageExtension(usage, critical: true));

    /// <summary>A proper authority.</summary>
    public static TestSigner Authority(string name, TestSigner? issuer = null, int? pathLength = null, Dates? dates = null)
        => Create(
            name, issuer, dates,
            new X509BasicConstraintsExtension(true, pathLength is not null, pathLength ?? 0, critical: true),
            new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, critical: true));

    /// <summary>Any other.</summary>
    public static TestSigner Create(string name, TestSigner? issuer, Dates? dates, params X509Extension[] extensions)
        => Create(name, ECDsa.Create(ECCurve.NamedCurves.nistP384), issuer, dates, extensions);

    /// <summary>The same name and key by another issuer.</summary>
    public TestSigner Again(TestSigner issuer, params X509Extension[] extensions)
    {
        ECDsa key = ECDsa.Create(_key.ExportParameters(includePrivateParameters: true));
        return Create(_certificate.Subject[3..], key, issuer, null, extensions.Length > 0 ? extensions : [.. _certificate.Extensions]);
    }

    /// <summary>The properties of an image with these data.</summary>
    public Dictionary<string, string> Sign(byte[] data) => new()
    {
        [SignatureClaim.SignatureProperty] = Convert.ToBase64String(_key.SignData(data, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence)),
        [SignatureClaim.HashMethodProperty] = "SHA-256",
        [SignatureClaim.KeyTypeProperty] = "ECC_SECP384R1",
        [SignatureClaim.CertificateProperty] = Id,
    };

    public void Dispose()
    {
        _certificate.Dispose();
        _key.Dispose();
    }

    private static TestSigner Create(string name, ECDsa key, TestSigner? issuer, Dates? dates, X509Extension[] extensions)
    {
        CertificateRequest request = new($"CN={name}", key, HashAlgorithmName.SHA256);
        foreach (X509Extension extension in extensions)
        {
            request.CertificateExtensions.Add(extension);
        }

        Dates span = dates ?? new Dates(Now.AddYears(-1), Now.AddYears(20));
        X509SignatureGenerator generator = X509SignatureGenerator.CreateForECDsa(issuer?._key ?? key);
        X500DistinguishedName issuerName = issuer?._certificate.SubjectName ?? request.SubjectName;
        return new TestSigner(key, request.Create(issuerName, generator, span.From, span.To, RandomNumberGenerator.GetBytes(8)));
    }

    internal sealed record Dates(DateTimeOffset From, DateTimeOffset To);
}
