using System.Runtime.InteropServices;

namespace ImageCache.Engine.Native.Crypto;

/// <summary>One verification of a signature over a hash (<c>EVP_PKEY_CTX</c>, openssl/evp.h).</summary>
internal sealed partial class CryptoVerification : SafeHandle
{
    private const string SaltLength = "rsa_pss_saltlen";

    public CryptoVerification()
        : base(0, ownsHandle: true)
    {
    }

    public override bool IsInvalid => handle == 0;

    /// <summary>
    /// Verifies an RSA key's signature by RSASSA-PSS (RFC 8017, section 8.1) with MGF1 by the same hash and a salt of any length; a DSA
    /// or EC key's (FIPS 186) by the pair of numbers in DER.
    /// </summary>
    /// <param name="key">The signer's.</param>
    /// <param name="digest">libcrypto's name of the hash: <c>SHA256</c>.</param>
    /// <param name="hash">The hash.</param>
    /// <param name="signature">What is to be verified; not empty.</param>
    /// <returns>Whether it is right; <see langword="null"/> when this machine, or the key's own rules, do not allow such a signature.</returns>
    public static bool? Verify(CryptoKey key, string digest, ReadOnlySpan<byte> hash, ReadOnlySpan<byte> signature)
    {
        try
        {
            using CryptoVerification verification = New(key, 0);
            return verification.IsInvalid || Initialize(verification) != 1 || Set(verification, "digest", digest) != 1 ? null
                : key.Kind == KeyKind.Rsa ? verification.TryPss(digest, hash, signature)
                : verification.IsRight(hash, signature);
        }
        finally
        {
            CryptoLibrary.ClearErrors();
        }
    }

    protected override bool ReleaseHandle()
    {
        Free(handle);
        return true;
    }

    private bool? TryPss(string digest, ReadOnlySpan<byte> hash, ReadOnlySpan<byte> signature)
    {
        if (Set(this, "rsa_padding_mode", "pss") != 1 || Set(this, "rsa_mgf1_md", digest) != 1)
        {
            return null;
        }

        if (Set(this, SaltLength, "auto") == 1)
        {
            return IsRight(hash, signature);
        }

        // A key that sets a shortest salt does not let the length be found out; signers write one of these two.
        bool canMax = Set(this, SaltLength, "max") == 1;
        bool isRight = canMax && IsRight(hash, signature);
        bool canDigest = Set(this, SaltLength, "digest") == 1;
        return isRight || (canDigest && IsRight(hash, signature)) ? true : canMax || canDigest ? false : null;
    }

    private bool IsRight(ReadOnlySpan<byte> hash, ReadOnlySpan<byte> signature)
        => Verify(this, signature, (nuint)signature.Length, hash, (nuint)hash.Length) == 1;

    [LibraryImport(CryptoLibrary.FileName, EntryPoint = "EVP_PKEY_CTX_new")]
    private static partial CryptoVerification New(CryptoKey key, nint engine);

    [LibraryImport(CryptoLibrary.FileName, EntryPoint = "EVP_PKEY_verify_init")]
    private static partial int Initialize(CryptoVerification verification);

    [LibraryImport(CryptoLibrary.FileName, EntryPoint = "EVP_PKEY_CTX_ctrl_str", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Set(CryptoVerification verification, string name, string value);

    [LibraryImport(CryptoLibrary.FileName, EntryPoint = "EVP_PKEY_verify")]
    private static partial int Verify(
        CryptoVerification verification, ReadOnlySpan<byte> signature, nuint signatureLength, ReadOnlySpan<byte> hash, nuint hashLength);

    [LibraryImport(CryptoLibrary.FileName, EntryPoint = "EVP_PKEY_CTX_free")]
    private static partial void Free(nint verification);
}
