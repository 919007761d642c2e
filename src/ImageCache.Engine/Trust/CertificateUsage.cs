using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace ImageCache.Engine.Trust;

/// <summary>What a certificate's extensions allow (RFC 5280, sections 4.2.1.3 and 4.2.1.9).</summary>
internal static class CertificateUsage
{
    private const X509KeyUsageFlags SignsData = X509KeyUsageFlags.DigitalSignature | X509KeyUsageFlags.NonRepudiation;

    /// <summary>Why the key may not sign data. A certificate that says nothing about usage leaves all open.</summary>
    public static string? WhyNotSigner(X509Certificate2 certificate)
        => !TryFind(certificate, out X509KeyUsageExtension? usage) || !TryRead(() => usage?.KeyUsages ?? SignsData, out X509KeyUsageFlags flags)
            ? "its key usage cannot be read"
            : (flags & SignsData) == 0 ? "its key usage allows no digital signature" : null;

    /// <summary>Why the key may not sign certificates; here nothing is left open.</summary>
    public static string? WhyNotAuthority(X509Certificate2 certificate)
    {
        if (!TryFind(certificate, out X509BasicConstraintsExtension? constraints)
            || !TryRead(() => constraints?.CertificateAuthority == true, out bool isAuthority)
            || !TryRead(() => constraints?.PathLengthConstraint, out _))
        {
            return "its basic constraints cannot be read";
        }

        if (!TryFind(certificate, out X509KeyUsageExtension? usage)
            || !TryRead(() => usage?.KeyUsages ?? X509KeyUsageFlags.None, out X509KeyUsageFlags flags))
        {
            return "its key usage cannot be read";
        }

        return !isAuthority ? "its basic constraints do not make it a CA"
            : (flags & X509KeyUsageFlags.KeyCertSign) == 0 ? "its key usage does not have keyCertSign"
            : null;
    }

    /// <summary>The path length constraint of an authority, if it has one.</summary>
    public static int? PathLength(X509Certificate2 authority)
        => TryFind(authority, out X509BasicConstraintsExtension? constraints) && constraints is { HasPathLengthConstraint: true }
            ? constraints.PathLengthConstraint
            : null;

    // RFC 5280, section 4.2: never more than one extension of a kind.
    private static bool TryFind<T>(X509Certificate2 certificate, out T? extension)
        where T : X509Extension
    {
        T[] found = [.. certificate.Extensions.OfType<T>().Take(2)];
        extension = found.FirstOrDefault();
        return found.Length < 2;
    }

    // .NET decodes an extension when it is asked what it says.
    private static bool TryRead<T>(Func<T> read, out T value)
    {
        try
        {
            value = read();
            return true;
        }
        catch (CryptographicException)
        {
            value = default!;
            return false;
        }
    }
}
