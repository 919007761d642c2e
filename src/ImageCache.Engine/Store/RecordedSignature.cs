using ImageCache.Engine.Trust;

namespace ImageCache.Engine.Store;

/// <summary>
/// What a signature was judged on, so that it can be judged again while neither Glance nor the key manager answers. The claim itself is
/// in the descriptor's properties. Nothing of it is secret.
/// </summary>
internal sealed record RecordedSignature
{
    /// <summary><c>method:hex</c> of the bytes as the source has them.</summary>
    public string? Hash { get; init; }

    /// <summary>Why it is not valid.</summary>
    public string? Reason { get; init; }

    /// <summary>The certificates that were read, as PEM, by their ids.</summary>
    public IReadOnlyDictionary<string, string> Certificates { get; init => field = value ?? new Dictionary<string, string>(); } = new Dictionary<string, string>();

    /// <summary>The ids of the certificates that were trusted; <see langword="null"/> when trust was not asked for.</summary>
    public IReadOnlyList<string>? TrustedCertificates { get; init; }

    public DateTimeOffset JudgedAt { get; init; }

    /// <summary>Keeps what a verdict was based on.</summary>
    public static RecordedSignature Of(SignatureVerdict verdict, byte[]? hash, IReadOnlyList<string>? trustedIds, DateTimeOffset now) => new()
    {
        Hash = hash is null ? null : $"{verdict.HashMethod}:{Convert.ToHexStringLower(hash)}",
        Reason = verdict.Reason,
        Certificates = verdict.Certificates,
        TrustedCertificates = trustedIds,
        JudgedAt = now,
    };

    /// <summary>The hash, if it is one by this method.</summary>
    public byte[]? HashBy(SignatureHashMethod method)
    {
        string prefix = method.Name + ":";
        return Hash is { } text
            && text.StartsWith(prefix, StringComparison.Ordinal)
            && text.Length == prefix.Length + (2 * method.Length)
            && text.Skip(prefix.Length).All(char.IsAsciiHexDigit)
                ? Convert.FromHexString(text.AsSpan(prefix.Length))
                : null;
    }

    /// <summary>Whether it was judged with the same certificates to trust.</summary>
    public bool IsForTrust(IReadOnlyList<string>? trustedIds)
        => trustedIds is null ? TrustedCertificates is null : TrustedCertificates is not null && trustedIds.ToHashSet().SetEquals(TrustedCertificates);
}
