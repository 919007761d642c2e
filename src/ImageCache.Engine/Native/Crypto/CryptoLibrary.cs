using System.Runtime.InteropServices;

namespace ImageCache.Engine.Native.Crypto;

/// <summary>OpenSSL's libcrypto, for what .NET has no API for: SHA-224, PSS with any salt, and every curve that has a name.</summary>
internal static partial class CryptoLibrary
{
    public const string FileName = "libcrypto.so.3";

    // Came with OpenSSL 3.0; what has it has all that is called.
    private const string Youngest = "EVP_PKEY_get_int_param";

    /// <summary>Why libcrypto cannot be used; <see langword="null"/> when it can. What is found stays loaded.</summary>
    public static string? WhyNot()
        => NativeLibrary.TryLoad(FileName, out nint library) && NativeLibrary.TryGetExport(library, Youngest, out _)
            ? null
            : $"this machine has no {FileName} (OpenSSL 3)";

    // .NET's own calls share the thread's queue of errors with ours, and must not take ours for theirs.
    [LibraryImport(FileName, EntryPoint = "ERR_clear_error")]
    public static partial void ClearErrors();
}
