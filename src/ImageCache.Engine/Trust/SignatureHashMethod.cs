using System.Diagnostics.CodeAnalysis;

namespace ImageCache.Engine.Trust;

/// <summary>A hash method by the name that nova and Glance (cursive's signature_utils) give it.</summary>
internal sealed record SignatureHashMethod
{
    private SignatureHashMethod(string name, string openSslName, int length, DigestAlgorithm? digest)
    {
        Name = name;
        OpenSslName = openSslName;
        Length = length;
        Digest = digest;
    }

    private static readonly SignatureHashMethod[] s_known =
    [
        new("SHA-224", "SHA224", 28, null),
        new("SHA-256", "SHA256", 32, Algorithm("sha256")),
        new("SHA-384", "SHA384", 48, Algorithm("sha384")),
        new("SHA-512", "SHA512", 64, Algorithm("sha512")),
    ];

    /// <summary>All that there are.</summary>
    public static IReadOnlyList<SignatureHashMethod> Known => s_known;

    /// <summary>The property's value: <c>SHA-256</c> ….</summary>
    public string Name { get; }

    /// <summary>libcrypto's name.</summary>
    public string OpenSslName { get; }

    /// <summary>Bytes of a hash.</summary>
    public int Length { get; }

    /// <summary>The same algorithm among those of os_hash_algo that this machine computes anyway; <see langword="null"/> for SHA-224.</summary>
    public DigestAlgorithm? Digest { get; }

    /// <summary>Finds one; case matters.</summary>
    public static bool TryGet(string name, [NotNullWhen(true)] out SignatureHashMethod? method)
    {
        method = Array.Find(s_known, known => known.Name == name);
        return method is not null;
    }

    /// <summary>Takes the hash from a digest that is known already, if it is by this method.</summary>
    public bool TryReuse(ImageDigest digest, [NotNullWhen(true)] out byte[]? hash)
    {
        bool same = Digest is { } algorithm && algorithm.Name == digest.Algorithm && digest.Hex.Length == algorithm.HexLength;
        hash = same ? Convert.FromHexString(digest.Hex) : null;
        return same;
    }

    private static DigestAlgorithm? Algorithm(string name) => DigestAlgorithm.TryGet(name, out DigestAlgorithm? algorithm) ? algorithm : null;
}
