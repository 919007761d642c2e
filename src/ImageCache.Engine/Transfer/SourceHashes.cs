using ImageCache.Engine.Trust;

namespace ImageCache.Engine.Transfer;

/// <summary>
/// The digests of an image's bytes and, where a signature asks for another algorithm, that hash as well, each on a thread of its own.
/// </summary>
internal sealed class SourceHashes : IDisposable
{
    private readonly DigestStage _digests;
    private readonly SignatureHashStage? _signature;
    private readonly SignatureHashMethod? _method;

    /// <param name="algorithms">The digests wanted; an algorithm named twice is computed once.</param>
    /// <param name="method">The signature's hash; <see langword="null"/> when no signature is to be judged.</param>
    public SourceHashes(IEnumerable<DigestAlgorithm> algorithms, SignatureHashMethod? method)
    {
        _digests = new DigestStage(algorithms.Distinct());
        _method = method is not null && SignatureHash.WhyNot(method) is null ? method : null;
        _signature = _method is not null && !_digests.Algorithms.Contains(_method.Digest) ? new SignatureHashStage(_method) : null;
    }

    /// <summary>The stages, for a pipeline.</summary>
    public IReadOnlyList<IReadOnlyList<ITransferStage>> Lanes
    {
        get
        {
            List<IReadOnlyList<ITransferStage>> lanes = [];
            if (_digests.Algorithms.Count > 0)
            {
                lanes.Add([_digests]);
            }

            if (_signature is not null)
            {
                lanes.Add([_signature]);
            }

            return lanes;
        }
    }

    /// <summary>The digests, when all bytes were seen.</summary>
    public IReadOnlyList<ImageDigest> Digests => _digests.Digests;

    /// <summary>The signature's hash, when all bytes were seen; <see langword="null"/> where none was asked for or this machine cannot compute it.</summary>
    public byte[]? ForSignature()
    {
        if (_signature is not null)
        {
            return _signature.Hash;
        }

        foreach (ImageDigest digest in Digests)
        {
            if (_method is not null && _method.TryReuse(digest, out byte[]? hash))
            {
                return hash;
            }
        }

        return null;
    }

    public void Dispose()
    {
        _digests.Dispose();
        _signature?.Dispose();
    }
}
