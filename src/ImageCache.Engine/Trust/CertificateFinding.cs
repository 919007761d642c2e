namespace ImageCache.Engine.Trust;

/// <summary>What came of the search for a certificate: it, or the reason why not.</summary>
internal sealed record CertificateFinding
{
    private CertificateFinding(Certificate? certificate, string? reason, bool isFinal)
    {
        Certificate = certificate;
        Reason = reason;
        IsFinal = isFinal;
    }

    /// <summary>The certificate, if it was found.</summary>
    public Certificate? Certificate { get; }

    /// <summary>Why there is none; a sentence.</summary>
    public string? Reason { get; }

    /// <summary>Whether asking again, or being allowed more, would change nothing.</summary>
    public bool IsFinal { get; }

    /// <summary>It is here.</summary>
    public static CertificateFinding Found(Certificate certificate) => new(certificate, null, isFinal: true);

    /// <summary>There is no such certificate, or what is there is none.</summary>
    public static CertificateFinding Missing(string reason) => new(null, reason, isFinal: true);

    /// <summary>Nobody could tell.</summary>
    public static CertificateFinding Unknown(string reason) => new(null, reason, isFinal: false);
}
