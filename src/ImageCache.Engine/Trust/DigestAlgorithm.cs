using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;

namespace ImageCache.Engine.Trust;

/// <summary>A digest algorithm by the name that Glance (Python's hashlib) gives it.</summary>
internal sealed record DigestAlgorithm
{
    private DigestAlgorithm(string name, HashAlgorithmName hashName, int hexLength, bool isWeak = false)
    {
        Name = name;
        HashName = hashName;
        HexLength = hexLength;
        IsWeak = isWeak;
    }

    public static DigestAlgorithm Md5 { get; } = new("md5", HashAlgorithmName.MD5, 32, isWeak: true);

    public static DigestAlgorithm Sha256 { get; } = new("sha256", HashAlgorithmName.SHA256, 64);

    public static DigestAlgorithm Sha512 { get; } = new("sha512", HashAlgorithmName.SHA512, 128);

    private static readonly DigestAlgorithm[] s_known =
    [
        Md5,
        new("sha1", HashAlgorithmName.SHA1, 40, isWeak: true),
        Sha256,
        new("sha384", HashAlgorithmName.SHA384, 96),
        Sha512,
        new("sha3_256", HashAlgorithmName.SHA3_256, 64),
        new("sha3_384", HashAlgorithmName.SHA3_384, 96),
        new("sha3_512", HashAlgorithmName.SHA3_512, 128),
    ];

    /// <summary>hashlib's name: md5, sha1, sha256, sha384, sha512, sha3_256 ….</summary>
    public string Name { get; }

    public HashAlgorithmName HashName { get; }

    public int HexLength { get; }

    /// <summary>Whether somebody could make another image with the same digest.</summary>
    public bool IsWeak { get; }

    /// <summary>Finds an algorithm that this machine can compute.</summary>
    public static bool TryGet(string? name, [NotNullWhen(true)] out DigestAlgorithm? algorithm)
    {
        string? wanted = name?.Replace("-", "", StringComparison.Ordinal);
        algorithm = s_known.FirstOrDefault(known => string.Equals(known.Name, wanted, StringComparison.OrdinalIgnoreCase));
        if (algorithm is null || (algorithm.Name.StartsWith("sha3", StringComparison.Ordinal) && !SHA3_512.IsSupported))
        {
            algorithm = null;
            return false;
        }

        return true;
    }
}
