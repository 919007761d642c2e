using System.Security.Cryptography;
using ImageCache.Engine.Trust;

namespace ImageCache.Engine.Transfer;

/// <summary>Computes digests of the bytes, holes included: they are hashed as the zeros they stand for, and never read.</summary>
internal sealed class DigestStage : ITransferStage, IDisposable
{
    private static readonly byte[] s_zeros = new byte[256 * 1024];

    private readonly IncrementalHash[] _hashes;

    /// <param name="algorithms">The algorithms wanted, each once.</param>
    public DigestStage(IEnumerable<DigestAlgorithm> algorithms)
    {
        Algorithms = [.. algorithms];
        _hashes = [.. Algorithms.Select(static algorithm => IncrementalHash.CreateHash(algorithm.HashName))];
    }

    public IReadOnlyList<DigestAlgorithm> Algorithms { get; }

    /// <summary>The digests, when all bytes were seen.</summary>
    public IReadOnlyList<ImageDigest> Digests { get; private set; } = [];

    public void Data(ReadOnlySpan<byte> data, long offset)
    {
        foreach (IncrementalHash hash in _hashes)
        {
            hash.AppendData(data);
        }
    }

    public void Hole(long length, long offset)
    {
        for (long left = length; left > 0; left -= s_zeros.Length)
        {
            Data(s_zeros.AsSpan(0, (int)Math.Min(left, s_zeros.Length)), offset);
        }
    }

    public void Reset()
    {
        foreach (IncrementalHash hash in _hashes)
        {
            hash.GetHashAndReset();
        }
    }

    public void Complete(long length)
        => Digests = [.. _hashes.Zip(Algorithms, static (hash, algorithm)
            => new ImageDigest(algorithm.Name, Convert.ToHexStringLower(hash.GetHashAndReset())))];

    public void Dispose()
    {
        foreach (IncrementalHash hash in _hashes)
        {
            hash.Dispose();
        }
    }
}
