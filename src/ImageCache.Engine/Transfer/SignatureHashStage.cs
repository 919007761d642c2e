using ImageCache.Engine.Trust;

namespace ImageCache.Engine.Transfer;

/// <summary>Computes the hash that a signature is about, holes included as the zeros they stand for.</summary>
internal sealed class SignatureHashStage(SignatureHashMethod method) : ITransferStage, IDisposable
{
    private static readonly byte[] s_zeros = new byte[256 * 1024];

    private readonly SignatureHash _hash = SignatureHash.Create(method);

    /// <summary>The hash, when all bytes were seen.</summary>
    public byte[]? Hash { get; private set; }

    public void Data(ReadOnlySpan<byte> data, long offset) => _hash.Append(data);

    public void Hole(long length, long offset)
    {
        for (long left = length; left > 0; left -= s_zeros.Length)
        {
            _hash.Append(s_zeros.AsSpan(0, (int)Math.Min(left, s_zeros.Length)));
        }
    }

    public void Reset() => _hash.Reset();

    public void Complete(long length) => Hash = _hash.Finish();

    public void Dispose() => _hash.Dispose();
}
