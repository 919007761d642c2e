namespace ImageCache;

/// <summary>What a certificate says about itself.</summary>
public sealed record SignatureCertificate
{
    /// <summary>The id under which the key manager, or the certificate directory, has it.</summary>
    public string? Id { get; init; }

    /// <summary>Whom it was made for, as a distinguished name.</summary>
    public required string Subject { get; init; }

    /// <summary>Who signed it.</summary>
    public required string Issuer { get; init; }

    /// <summary>Its serial number in hex.</summary>
    public required string Serial { get; init; }

    /// <summary>The first moment at which it counts.</summary>
    public required DateTimeOffset NotBefore { get; init; }

    /// <summary>The last moment at which it counts.</summary>
    public required DateTimeOffset NotAfter { get; init; }

    /// <summary>The subject.</summary>
    public override string ToString() => Subject;
}
