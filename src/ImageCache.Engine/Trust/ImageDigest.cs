using System.Diagnostics.CodeAnalysis;

namespace ImageCache.Engine.Trust;

/// <summary>A digest with its algorithm.</summary>
/// <param name="Algorithm">hashlib's name.</param>
/// <param name="Hex">Lower case hex.</param>
internal readonly record struct ImageDigest(string Algorithm, string Hex)
{
    /// <summary>Reads <c>algorithm:hex</c>.</summary>
    public static bool TryParse(string? text, [NotNullWhen(true)] out ImageDigest? digest)
    {
        digest = null;
        int colon = text?.IndexOf(':', StringComparison.Ordinal) ?? -1;
        if (colon < 0 || !DigestAlgorithm.TryGet(text![..colon], out DigestAlgorithm? algorithm))
        {
            return false;
        }

        string hex = text[(colon + 1)..].Trim();
        if (hex.Length != algorithm.HexLength || !hex.All(char.IsAsciiHexDigit))
        {
            return false;
        }

        digest = new ImageDigest(algorithm.Name, hex.ToLowerInvariant());
        return true;
    }

    /// <summary><c>algorithm:hex</c>.</summary>
    public override string ToString() => $"{Algorithm}:{Hex}";
}
