using System.Text.Json.Nodes;

namespace ImageCache.Engine.Store;

/// <summary>What is known of one base file of ours; kept beside it as JSON.</summary>
internal sealed record ImageRecord : IStoredDocument<ImageRecord>
{
    /// <summary>The schema that this engine writes.</summary>
    public const int CurrentSchema = 1;

    public int SchemaVersion { get; init => field = value is 0 ? CurrentSchema : value; } = CurrentSchema;

    /// <summary>The image's id; the SHA-1 of it is the file's name.</summary>
    public required string Id { get; init; }

    /// <summary>The image as it was when it was fetched: with this an instance starts while Glance is down.</summary>
    public required ImageDescriptor Descriptor { get; init; }

    public required BaseImageMethod Method { get; init; }

    /// <summary>The URI it came from, without user information and query.</summary>
    public string? SourceUri { get; init; }

    /// <summary><c>algorithm:hex</c> of the bytes as the source has them.</summary>
    public string? SourceDigest { get; init; }

    /// <summary><c>algorithm:hex</c> of the file in the cache.</summary>
    public string? Digest { get; init; }

    public required DigestStatus DigestStatus { get; init; }

    /// <summary>What became of the signature; <see langword="null"/> when nobody looked.</summary>
    public SignatureStatus? SignatureStatus { get; init; }

    /// <summary>On what grounds; <see langword="null"/> when there was nothing to judge.</summary>
    public RecordedSignature? Signature { get; init; }

    /// <summary>The format of the file in the cache, in Glance's words.</summary>
    public required string DiskFormat { get; init; }

    /// <summary>Length of the file in bytes.</summary>
    public required long Size { get; init; }

    /// <summary>Bytes of the disk that an instance would see.</summary>
    public required long VirtualSize { get; init; }

    /// <summary>The file's inode: another file under the same name has another.</summary>
    public ulong Inode { get; init; }

    public required DateTimeOffset FetchedAt { get; init; }

    public DateTimeOffset? VerifiedAt { get; init; }

    /// <summary>The last comparison of the whole file with <see cref="Digest"/>; <see langword="null"/> when there was none since it was published.</summary>
    public ContentProof? Proof { get; init; }

    /// <summary>Where the base file leads, when it is a link; <see langword="null"/> when it is a file.</summary>
    public RecordedLink? Link { get; init; }

    public DateTimeOffset? LastUsedAt { get; init; }

    public long UseCount { get; init; }

    /// <summary>The machine that fetched it.</summary>
    public string? Node { get; init; }

    public JsonObject? Original { get; init; }

    static int IStoredDocument<ImageRecord>.NewestSchema => CurrentSchema;

    public ImageRecord WithOriginal(JsonObject? original) => this with { Original = original };
}
