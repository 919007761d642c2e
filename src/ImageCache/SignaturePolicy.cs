namespace ImageCache;

/// <summary>What a fetch does about image signatures. A wrong signature is refused under every policy but <see cref="Ignore"/>.</summary>
public enum SignaturePolicy
{
    /// <summary>Signatures are not looked at.</summary>
    Ignore,

    /// <summary>A signature that is there is judged; what cannot be judged or is not trusted is told and recorded.</summary>
    VerifyIfPresent,

    /// <summary>Only images with a valid signature are used.</summary>
    Require,
}
