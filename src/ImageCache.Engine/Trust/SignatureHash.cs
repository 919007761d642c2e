using System.Security.Cryptography;

namespace ImageCache.Engine.Trust;

/// <summary>Computes the hash that a signature is about. Not for several threads at once.</summary>
internal sealed class SignatureHash : IDisposable
{
    private readonly IncrementalHash _hash;

    private SignatureHash(SignatureHashMethod method, IncrementalHash hash)
    {
        Method = method;
        _hash = hash;
    }

    public SignatureHashMethod Method { get; }

    /// <summary>Why this machine cannot compute it; <see langword="null"/> when it can.</summary>
    public static string? WhyNot(SignatureHashMethod method) => method.Digest is null ? $"{method.Name} cannot be computed here" : null;

    /// <summary>Begins a hash.</summary>
    /// <exception cref="NotSupportedException">This machine cannot; see <see cref="WhyNot"/>.</exception>
    public static SignatureHash Create(SignatureHashMethod method)
        => WhyNot(method) is { } reason
            ? throw new NotSupportedException(reason)
            : new SignatureHash(method, IncrementalHash.CreateHash(method.Digest!.HashName));

    /// <summary>Adds what comes next.</summary>
    public void Append(ReadOnlySpan<byte> data) => _hash.AppendData(data);

    /// <summary>The hash of all that was added; it begins anew.</summary>
    public byte[] Finish() => _hash.GetHashAndReset();

    /// <summary>Forgets what was added.</summary>
    public void Reset() => _hash.GetHashAndReset();

    public void Dispose() => _hash.Dispose();
}
