namespace ImageCache.Engine.Store;

/// <summary>The last comparison of a whole base file with the digest in its record.</summary>
internal sealed record ContentProof
{
    /// <summary>When the bytes were compared.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>Whether they were equal. A file that was not stays suspicious until it was compared again.</summary>
    public required bool IsIntact { get; init; }

    /// <summary>The file then.</summary>
    public required FileFingerprint File { get; init; }

    /// <summary>Whether what was found then holds for a file as it is now.</summary>
    public bool HoldsFor(FileFingerprint now) => File == now;
}
