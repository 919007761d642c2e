namespace ImageCache.Engine.Transfer;

/// <summary>One image's bytes to be shown to stages.</summary>
internal sealed record TransferRequest
{
    public required string ImageId { get; init; }

    public required IByteSource Source { get; init; }

    /// <summary>Bytes that there must be, when somebody said so.</summary>
    public long? ExpectedSize { get; init; }

    /// <summary>The stages that see the bytes; each group has a thread of its own. They belong to the caller.</summary>
    public required IReadOnlyList<IReadOnlyList<ITransferStage>> Lanes { get; init; }
}
