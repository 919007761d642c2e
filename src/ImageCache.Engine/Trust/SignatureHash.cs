using System.Security.Cryptography;
using ImageCache.Engine.Native.Crypto;

namespace ImageCache.Engine.Trust;

/// <summary>Computes the hash that a signature is about. Not for several threads at once.</summary>
internal sealed class SignatureHash : IDisposable
{
    private readonly IncrementalHash? _managed;
    private readonly CryptoDigest? _native;

    private SignatureHash(SignatureHashMethod method)
    {
        Method = method;
        if (method.Digest is { } digest)
        {
            _managed = IncrementalHash.CreateHash(digest.HashName);
        }
        else
        {
            _native = CryptoDigest.Create(method.OpenSslName);
        }
    }

    public SignatureHashMethod Method { get; }

    /// <summary>Why this machine cannot compute it; <see langword="null"/> when it can.</summary>
    public static string? WhyNot(SignatureHashMethod method)
    {
        if (method.Digest is not null)
        {
            return null;
        }

        if (CryptoLibrary.WhyNot() is { } reason)
        {
            return reason;
        }

        try
        {
            CryptoDigest.Create(method.OpenSslName).Dispose();
            return null;
        }
        catch (CryptographicException)
        {
            return $"the {CryptoLibrary.FileName} of this machine does not compute {method.Name}";
        }
    }

    /// <summary>Begins a hash that this machine can compute: see <see cref="WhyNot"/>.</summary>
    /// <exception cref="CryptographicException">It cannot.</exception>
    public static SignatureHash Create(SignatureHashMethod method) => new(method);

    /// <summary>Adds what comes next.</summary>
    public void Append(ReadOnlySpan<byte> data)
    {
        _managed?.AppendData(data);
        _native?.Append(data);
    }

    /// <summary>The hash of all that was added; it begins anew.</summary>
    public byte[] Finish() => _managed?.GetHashAndReset() ?? _native!.Finish();

    /// <summary>Forgets what was added.</summary>
    public void Reset()
    {
        _managed?.GetHashAndReset();
        _native?.Restart();
    }

    public void Dispose()
    {
        _managed?.Dispose();
        _native?.Dispose();
    }
}
