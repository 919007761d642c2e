using System.Text.Json.Nodes;
using ImageCache.Engine.Store;

namespace ImageCache.Engine.Life.Disks;

/// <summary>What is known of one target; kept beside it as JSON. With other data below it a target would be another disk.</summary>
internal sealed record TargetRecord : IStoredDocument<TargetRecord>
{
    /// <summary>The schema that this engine writes.</summary>
    public const int CurrentSchema = 1;

    public int SchemaVersion { get; init => field = value is 0 ? CurrentSchema : value; } = CurrentSchema;

    /// <summary>The image's id.</summary>
    public required string ImageId { get; init; }

    /// <summary>Bytes of the disk.</summary>
    public required long Size { get; init; }

    /// <summary>The digest that the base file had, <c>algorithm:hex</c>.</summary>
    public string? BaseDigest { get; init; }

    /// <summary>The inode that the base file had; 0 of a link.</summary>
    public ulong BaseInode { get; init; }

    /// <summary>Where the base file led, when it was a link.</summary>
    public string? BaseLink { get; init; }

    /// <summary>The target's own inode: another file under its name has another.</summary>
    public ulong Inode { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public JsonObject? Original { get; init; }

    static int IStoredDocument<TargetRecord>.NewestSchema => CurrentSchema;

    public TargetRecord WithOriginal(JsonObject? original) => this with { Original = original };

    /// <summary>What to keep of a target on a base file as it is now.</summary>
    public static TargetRecord Of(CacheEntry entry, ImageRecord record, long size, DateTimeOffset now) => new()
    {
        ImageId = record.Id,
        Size = size,
        BaseDigest = record.Digest,
        BaseInode = entry.IsLink ? 0 : entry.Status.Inode,
        BaseLink = record.Link?.Target,
        CreatedAt = now,
    };

    /// <summary>Whether the base file still holds the data that the target was made on: by digest, else it must be the very file.</summary>
    public bool IsOn(TargetRecord now) => ImageId == now.ImageId && Size == now.Size
        && (BaseDigest is not null && now.BaseDigest is not null
            ? BaseDigest == now.BaseDigest
            : BaseInode == now.BaseInode && BaseLink == now.BaseLink);
}
