namespace ImageCache;

/// <summary>What the digest of the source proves.</summary>
public enum DigestStatus
{
    /// <summary>Equal to a digest of sufficient strength.</summary>
    Verified,

    /// <summary>Equal, but to an MD5 only.</summary>
    Weak,

    /// <summary>There was nothing to compare with.</summary>
    Unverifiable,
}
