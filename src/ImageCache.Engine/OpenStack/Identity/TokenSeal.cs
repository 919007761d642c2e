using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;

namespace ImageCache.Engine.OpenStack.Identity;

/// <summary>
/// Seals bytes so that they open only for who has the login's secret and asks for the same login:
/// <c>version(1) salt(16) nonce(12) ciphertext tag(16)</c>, AES-256-GCM under HKDF-SHA256(secret, salt, facts). Source: RFC 5869, NIST SP 800-38D.
/// </summary>
internal sealed class TokenSeal(Secret secret, byte[] facts)
{
    /// <summary>How much longer the sealed bytes are.</summary>
    public const int Overhead = 1 + SaltLength + NonceLength + TagLength;

    private const byte Version = 1;
    private const int SaltLength = 16;
    private const int NonceLength = 12;
    private const int TagLength = 16;
    private const int KeyLength = 32;
    private const int SaltStart = 1;
    private const int NonceStart = SaltStart + SaltLength;
    private const int TextStart = NonceStart + NonceLength;

    public byte[] Close(ReadOnlySpan<byte> text)
    {
        byte[] payload = new byte[text.Length + Overhead];
        payload[0] = Version;
        RandomNumberGenerator.Fill(payload.AsSpan(SaltStart, SaltLength + NonceLength));
        using AesGcm cipher = Cipher(payload);
        cipher.Encrypt(Nonce(payload), text, payload.AsSpan(TextStart, text.Length), payload.AsSpan(TextStart + text.Length));
        return payload;
    }

    /// <summary>Opens a payload, if it is one of this login's and nobody has changed it.</summary>
    public bool TryOpen(byte[] payload, [NotNullWhen(true)] out byte[]? text)
    {
        text = null;
        if (payload.Length < Overhead || payload[0] != Version)
        {
            return false;
        }

        byte[] opened = new byte[payload.Length - Overhead];
        using AesGcm cipher = Cipher(payload);
        try
        {
            cipher.Decrypt(Nonce(payload), payload.AsSpan(TextStart, opened.Length), payload.AsSpan(TextStart + opened.Length), opened);
        }
        catch (AuthenticationTagMismatchException)
        {
            return false;
        }

        text = opened;
        return true;
    }

    private static ReadOnlySpan<byte> Nonce(byte[] payload) => payload.AsSpan(NonceStart, NonceLength);

    private AesGcm Cipher(byte[] payload)
    {
        Span<byte> key = stackalloc byte[KeyLength];
        byte[] material = Encoding.UTF8.GetBytes(secret.Reveal());
        try
        {
            HKDF.DeriveKey(HashAlgorithmName.SHA256, material, key, payload.AsSpan(SaltStart, SaltLength), facts);
            return new AesGcm(key, TagLength);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(material);
            CryptographicOperations.ZeroMemory(key);
        }
    }
}
