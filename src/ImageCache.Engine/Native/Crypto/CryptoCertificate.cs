using System.Runtime.InteropServices;

namespace ImageCache.Engine.Native.Crypto;

/// <summary>An X.509 certificate (<c>X509</c>, openssl/x509.h).</summary>
internal sealed partial class CryptoCertificate : SafeHandle
{
    public CryptoCertificate()
        : base(0, ownsHandle: true)
    {
    }

    public override bool IsInvalid => handle == 0;

    /// <summary>Reads DER.</summary>
    /// <returns><see langword="null"/> when it is no certificate, or bytes are left over.</returns>
    public static unsafe CryptoCertificate? TryParse(ReadOnlySpan<byte> der)
    {
        fixed (byte* start = der)
        {
            byte* position = start;
            CryptoCertificate certificate = Decode(0, ref position, der.Length);
            if (!certificate.IsInvalid && position == start + der.Length)
            {
                return certificate;
            }

            certificate.Dispose();
            CryptoLibrary.ClearErrors();
            return null;
        }
    }

    /// <summary>The key that it is about.</summary>
    /// <returns><see langword="null"/> when this machine cannot use such a key.</returns>
    public CryptoKey? TryGetKey()
    {
        CryptoKey key = GetKey(this);
        if (!key.IsInvalid)
        {
            return key;
        }

        key.Dispose();
        CryptoLibrary.ClearErrors();
        return null;
    }

    /// <summary>Whether the certificate was signed by a key.</summary>
    public bool IsSignedBy(CryptoKey issuer)
    {
        int result = Verify(this, issuer);
        CryptoLibrary.ClearErrors();
        return result == 1;
    }

    protected override bool ReleaseHandle()
    {
        Free(handle);
        return true;
    }

    [LibraryImport(CryptoLibrary.FileName, EntryPoint = "d2i_X509")]
    private static unsafe partial CryptoCertificate Decode(nint reuse, ref byte* position, nint length);

    [LibraryImport(CryptoLibrary.FileName, EntryPoint = "X509_get_pubkey")]
    private static partial CryptoKey GetKey(CryptoCertificate certificate);

    [LibraryImport(CryptoLibrary.FileName, EntryPoint = "X509_verify")]
    private static partial int Verify(CryptoCertificate certificate, CryptoKey issuer);

    [LibraryImport(CryptoLibrary.FileName, EntryPoint = "X509_free")]
    private static partial void Free(nint certificate);
}
