using ImageCache.Engine.Formats;
using ImageCache.Engine.Store;
using ImageCache.Engine.Trust;
using ImageCache.Engine.Volumes;

namespace ImageCache.Engine.Fetch;

/// <summary>A private file, or a link, on its way to being published.</summary>
internal sealed record FetchedFile : IAsyncDisposable
{
    public required string Path { get; init; }

    /// <summary>The file at <see cref="Path"/> when it had been hashed: what is published must still be that.</summary>
    public required FileFingerprint Content { get; init; }

    /// <summary>The link to be made; <see langword="null"/> when the file itself gets the final name.</summary>
    public LinkDraft? Link { get; init; }

    public required BaseImageMethod Method { get; init; }

    /// <summary>Bytes that travelled.</summary>
    public required long BytesTransferred { get; init; }

    public required DigestExpectation Expectation { get; init; }

    /// <summary>The digests of the bytes as the source has them.</summary>
    public required IReadOnlyList<ImageDigest> SourceDigests { get; init; }

    /// <summary>The hash that the signature is about; <see langword="null"/> when none is to be judged, or this machine cannot compute it.</summary>
    public byte[]? SignatureHash { get; init; }

    /// <summary>What became of the signature; <see langword="null"/> when nobody looked.</summary>
    public SignatureVerdict? Signature { get; init; }

    /// <summary>What the bytes are.</summary>
    public required FormatReport Report { get; init; }

    /// <summary>The proven format of what came; <see langword="null"/> until it was proven.</summary>
    public FormatDecision? Format { get; init; }

    /// <summary>Whether the file at <see cref="Path"/> is raw by conversion.</summary>
    public bool IsConverted { get; init; }

    /// <summary>The format of the file at <see cref="Path"/>, in Glance's words.</summary>
    public string DiskFormat => IsConverted ? "raw" : Format?.DiskFormat ?? "raw";

    public long VirtualSize { get; init; }

    /// <summary>The digest of the bytes as the source has them: the one that was compared, else the strong one.</summary>
    public ImageDigest? SourceDigest => Expectation.Expected ?? Strong(SourceDigests);

    /// <summary>The digest of the file at <see cref="Path"/>.</summary>
    public ImageDigest? Digest { get; init; }

    /// <summary>The digest that a later look at unconverted bytes should compare with.</summary>
    public ImageDigest? TransferDigest => Strong(SourceDigests);

    /// <summary>What is to be published.</summary>
    public DraftFile Draft => new(Path, Content);

    /// <summary>Lets a volume go to which no link was made.</summary>
    public ValueTask DisposeAsync() => Link?.DisposeAsync() ?? ValueTask.CompletedTask;

    private static ImageDigest? Strong(IReadOnlyList<ImageDigest> digests) => digests.Count == 0 ? null : digests[^1];
}
