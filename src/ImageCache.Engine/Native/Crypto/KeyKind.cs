namespace ImageCache.Engine.Native.Crypto;

/// <summary>The kinds of public keys that sign images and certificates.</summary>
internal enum KeyKind
{
    /// <summary>None of the others.</summary>
    Other,

    /// <summary>RSA, whether or not the key says that it is for PSS only.</summary>
    Rsa,

    /// <summary>DSA.</summary>
    Dsa,

    /// <summary>An elliptic curve that has a name.</summary>
    Ec,
}
