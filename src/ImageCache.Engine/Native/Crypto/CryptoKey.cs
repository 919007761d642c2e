using System.Runtime.InteropServices;

namespace ImageCache.Engine.Native.Crypto;

/// <summary>A public key (<c>EVP_PKEY</c>, openssl/evp.h).</summary>
internal sealed partial class CryptoKey : SafeHandle
{
    // NIDs of openssl/obj_mac.h, which EVP_PKEY_RSA and its like stand for.
    private const int Rsa = 6;
    private const int RsaPss = 912;
    private const int Dsa = 116;
    private const int Ec = 408;

    // OSSL_PKEY_PARAM_EC_DECODED_FROM_EXPLICIT_PARAMS
    private const string FromExplicitParameters = "decoded-from-explicit";

    private const int LongestCurveName = 80;

    public CryptoKey()
        : base(0, ownsHandle: true)
    {
    }

    public override bool IsInvalid => handle == 0;

    /// <summary>What kind it is. A curve that is spelled out instead of named could be made to fit a key: such keys are of no kind.</summary>
    public KeyKind Kind => GetId(this) switch
    {
        Rsa or RsaPss => KeyKind.Rsa,
        Dsa => KeyKind.Dsa,
        Ec when HasNamedCurve() => KeyKind.Ec,
        _ => KeyKind.Other,
    };

    protected override bool ReleaseHandle()
    {
        Free(handle);
        return true;
    }

    private bool HasNamedCurve()
    {
        bool named = GetParameter(this, FromExplicitParameters, out int isExplicit) == 1
            && isExplicit == 0
            && GetCurve(this, stackalloc byte[LongestCurveName], LongestCurveName, out _) == 1;
        CryptoLibrary.ClearErrors();
        return named;
    }

    [LibraryImport(CryptoLibrary.FileName, EntryPoint = "EVP_PKEY_get_base_id")]
    private static partial int GetId(CryptoKey key);

    [LibraryImport(CryptoLibrary.FileName, EntryPoint = "EVP_PKEY_get_int_param", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int GetParameter(CryptoKey key, string name, out int value);

    [LibraryImport(CryptoLibrary.FileName, EntryPoint = "EVP_PKEY_get_group_name")]
    private static partial int GetCurve(CryptoKey key, Span<byte> name, nuint size, out nuint length);

    [LibraryImport(CryptoLibrary.FileName, EntryPoint = "EVP_PKEY_free")]
    private static partial void Free(nint key);
}
