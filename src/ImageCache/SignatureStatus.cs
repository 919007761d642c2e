namespace ImageCache;

/// <summary>The outcome of a signature check.</summary>
public enum SignatureStatus
{
    /// <summary>Right signature by a certificate inside its dates, and trusted if trust was asked for.</summary>
    Valid,

    /// <summary>Wrong signature or wrong data.</summary>
    Invalid,

    /// <summary>The image has no signature properties.</summary>
    Unsigned,

    /// <summary>Right signature, but the certificate is outside its dates or leads to no trusted one.</summary>
    Untrusted,

    /// <summary>It could not be judged; the reason is told.</summary>
    Unverifiable,
}
