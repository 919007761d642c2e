using ImageCache.Engine.Formats;
using ImageCache.Engine.Trust;

namespace ImageCache.Engine.Transfer;

/// <summary>One image's bytes to be brought into a file.</summary>
internal sealed record TransferRequest
{
    public required string ImageId { get; init; }

    public required IByteSource Source { get; init; }

    /// <summary>The private file, open for writing.</summary>
    public required Microsoft.Win32.SafeHandles.SafeFileHandle File { get; init; }

    /// <summary>Bytes that there must be, when somebody said so.</summary>
    public long? ExpectedSize { get; init; }

    public required IEnumerable<DigestAlgorithm> Algorithms { get; init; }

    /// <summary>Throws as soon as the beginning shows that the image is refused.</summary>
    public required Action<FormatReport> Refuse { get; init; }
}
