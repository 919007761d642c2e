using ImageCache.Engine.Requests;
using ImageCache.Engine.Store;

namespace ImageCache.Engine.Life.Critical;

/// <summary>One image that must be here, with Glance down too.</summary>
internal sealed record CriticalEntry : IStoredItem
{
    /// <summary>The image's id; the SHA-1 of it is the file's name.</summary>
    public required string Id { get; init; }

    /// <summary>The image as Glance last told of it: nothing later needs Glance to know what it is.</summary>
    public required ImageDescriptor Descriptor { get; init; }

    /// <summary>The name by which it was registered; <see langword="null"/> when that was its id.</summary>
    public string? RegisteredAs { get; init; }

    /// <summary>The URI it comes from, when no Glance has it; its id is the digest then.</summary>
    public string? SourceUri { get; init; }

    /// <summary>How it is fetched.</summary>
    public FetchMethod Method { get; init; }

    /// <summary>Whether it must have a valid signature, whatever the configuration says.</summary>
    public bool RequireSignature { get; init; }

    /// <summary>The disk sizes, in bytes, for which targets are kept ready.</summary>
    public IReadOnlyList<long> TargetSizes { get; init => field = value ?? []; } = [];

    public required DateTimeOffset RegisteredAt { get; init; }

    /// <summary>When it was last found present, verified and fresh, or made so.</summary>
    public DateTimeOffset? SyncedAt { get; init; }

    /// <summary>The fetch that brings it.</summary>
    public FetchRequest ToRequest() => SourceUri is null
        ? new FetchRequest { Image = Id, Method = Method, RequireSignature = RequireSignature, IsUpkeep = true }
        : new FetchRequest { Uri = SourceUri, Checksum = Id, RequireSignature = RequireSignature, IsUpkeep = true };
}
