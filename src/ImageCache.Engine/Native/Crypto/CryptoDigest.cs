using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace ImageCache.Engine.Native.Crypto;

/// <summary>A hash that goes on (<c>EVP_MD_CTX</c>, openssl/evp.h). Not for several threads at once.</summary>
internal sealed partial class CryptoDigest : SafeHandle
{
    // EVP_MAX_MD_SIZE
    private const int LargestDigest = 64;

    private nint _algorithm;

    public CryptoDigest()
        : base(0, ownsHandle: true)
    {
    }

    public override bool IsInvalid => handle == 0;

    /// <summary>Begins a hash.</summary>
    /// <param name="name">libcrypto's name: <c>SHA224</c>.</param>
    /// <exception cref="CryptographicException">libcrypto does not know it, or may not use it.</exception>
    public static CryptoDigest Create(string name)
    {
        CryptoDigest digest = New();
        try
        {
            digest._algorithm = FindByName(name);
            Check(digest._algorithm == 0 ? 0 : 1, "EVP_get_digestbyname");
            digest.Restart();
            return digest;
        }
        catch
        {
            digest.Dispose();
            throw;
        }
    }

    /// <summary>Forgets what was added.</summary>
    public void Restart() => Check(Initialize(this, _algorithm, 0), "EVP_DigestInit_ex");

    public void Append(ReadOnlySpan<byte> data)
    {
        if (!data.IsEmpty)
        {
            Check(Update(this, data, (nuint)data.Length), "EVP_DigestUpdate");
        }
    }

    /// <summary>The hash of all that was added; it begins anew.</summary>
    public byte[] Finish()
    {
        Span<byte> hash = stackalloc byte[LargestDigest];
        Check(Finalize(this, hash, out uint length), "EVP_DigestFinal_ex");
        Restart();
        return hash[..checked((int)length)].ToArray();
    }

    protected override bool ReleaseHandle()
    {
        Free(handle);
        return true;
    }

    private static void Check(int result, string function)
    {
        if (result != 1)
        {
            CryptoLibrary.ClearErrors();
            throw new CryptographicException($"{function} failed.");
        }
    }

    [LibraryImport(CryptoLibrary.FileName, EntryPoint = "EVP_MD_CTX_new")]
    private static partial CryptoDigest New();

    [LibraryImport(CryptoLibrary.FileName, EntryPoint = "EVP_get_digestbyname", StringMarshalling = StringMarshalling.Utf8)]
    private static partial nint FindByName(string name);

    [LibraryImport(CryptoLibrary.FileName, EntryPoint = "EVP_DigestInit_ex")]
    private static partial int Initialize(CryptoDigest digest, nint algorithm, nint engine);

    [LibraryImport(CryptoLibrary.FileName, EntryPoint = "EVP_DigestUpdate")]
    private static partial int Update(CryptoDigest digest, ReadOnlySpan<byte> data, nuint length);

    [LibraryImport(CryptoLibrary.FileName, EntryPoint = "EVP_DigestFinal_ex")]
    private static partial int Finalize(CryptoDigest digest, Span<byte> hash, out uint length);

    [LibraryImport(CryptoLibrary.FileName, EntryPoint = "EVP_MD_CTX_free")]
    private static partial void Free(nint digest);
}
