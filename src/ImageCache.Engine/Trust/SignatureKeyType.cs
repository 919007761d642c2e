using System.Diagnostics.CodeAnalysis;
using ImageCache.Engine.Native.Crypto;

namespace ImageCache.Engine.Trust;

/// <summary>
/// A key type by the name that nova and Glance (cursive's signature_utils) give it. The curve in a name is not compared with the
/// key's: they do not either, and any elliptic curve key fits any ECC name.
/// </summary>
internal sealed record SignatureKeyType(string Name, KeyKind Kind)
{
    private static readonly SignatureKeyType[] s_known =
    [
        new("RSA-PSS", KeyKind.Rsa),
        new("DSA", KeyKind.Dsa),
        new("ECC_SECT571K1", KeyKind.Ec),
        new("ECC_SECT409K1", KeyKind.Ec),
        new("ECC_SECT571R1", KeyKind.Ec),
        new("ECC_SECT409R1", KeyKind.Ec),
        new("ECC_SECP521R1", KeyKind.Ec),
        new("ECC_SECP384R1", KeyKind.Ec),
    ];

    /// <summary>All that there are.</summary>
    public static IReadOnlyList<SignatureKeyType> Known => s_known;

    /// <summary>Finds one; case matters.</summary>
    public static bool TryGet(string name, [NotNullWhen(true)] out SignatureKeyType? type)
    {
        type = Array.Find(s_known, known => known.Name == name);
        return type is not null;
    }
}
