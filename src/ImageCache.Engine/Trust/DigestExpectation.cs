namespace ImageCache.Engine.Trust;

/// <summary>What an image's bytes must hash to, and how much that proves.</summary>
/// <param name="Expected">The digest to compare with; <see langword="null"/> when there is none that can be computed.</param>
/// <param name="Status">What equality will prove.</param>
internal sealed record DigestExpectation(ImageDigest? Expected, DigestStatus Status)
{
    /// <summary>Takes the best digest that the descriptor has: os_hash_value, else the MD5 checksum, else nothing.</summary>
    /// <exception cref="VerificationException">The descriptor's digest is not one.</exception>
    public static DigestExpectation Of(ImageDescriptor image)
    {
        if (!string.IsNullOrEmpty(image.HashValue) && DigestAlgorithm.TryGet(image.HashAlgorithm, out DigestAlgorithm? algorithm))
        {
            return new DigestExpectation(Parse(image, algorithm.Name, image.HashValue), algorithm.IsWeak ? DigestStatus.Weak : DigestStatus.Verified);
        }

        return string.IsNullOrEmpty(image.Checksum)
            ? new DigestExpectation(null, DigestStatus.Unverifiable)
            : new DigestExpectation(Parse(image, DigestAlgorithm.Md5.Name, image.Checksum), DigestStatus.Weak);
    }

    /// <summary>The algorithms to compute: the source's, and a strong one for the record when that one is weak or missing.</summary>
    public IEnumerable<DigestAlgorithm> Algorithms()
    {
        if (Expected is { } expected && DigestAlgorithm.TryGet(expected.Algorithm, out DigestAlgorithm? algorithm))
        {
            yield return algorithm;
        }

        if (Status != DigestStatus.Verified)
        {
            yield return DigestAlgorithm.Sha256;
        }
    }

    /// <summary>Compares.</summary>
    /// <exception cref="VerificationException">The bytes are not the image's.</exception>
    public void Require(IReadOnlyList<ImageDigest> actual, string imageId)
    {
        if (Expected is not { } expected)
        {
            return;
        }

        ImageDigest computed = actual.First(digest => digest.Algorithm == expected.Algorithm);
        if (computed != expected)
        {
            throw new VerificationException(
                ErrorIds.DigestMismatch,
                $"The data of image '{imageId}' has the digest {computed}, but should have {expected}: it was damaged or replaced. Nothing was kept.",
                imageId,
                "Fetch again; if it fails again, compare the image's data in its store with its record.");
        }
    }

    private static ImageDigest Parse(ImageDescriptor image, string algorithm, string hex)
        => ImageDigest.TryParse($"{algorithm}:{hex}", out ImageDigest? digest)
            ? digest.Value
            : throw new VerificationException(
                ErrorIds.DigestMismatch, $"The {algorithm} digest in the record of image '{image.Id}' is not one.", image.Id);
}
