namespace ImageCache.Engine.Formats;

/// <summary>What a stream of bytes turned out to be.</summary>
internal sealed record FormatReport
{
    /// <summary>Every format that was found, raw excepted; empty means raw.</summary>
    public required IReadOnlyList<DetectedFormat> Detected { get; init; }

    /// <summary>Bytes of the stream; <see langword="null"/> in a report given before its end.</summary>
    public long? Length { get; init; }

    /// <summary>
    /// Whether raw data end in the footer of a fixed VHD. That is told for the error's sake only: nova and QEMU take such data for raw.
    /// </summary>
    public bool EndsInVhdFooter { get; init; }

    /// <summary>Whether the stream was seen to its end.</summary>
    public bool IsComplete => Length is not null;

    /// <summary>
    /// The one format of the data; <see langword="null"/> when there are several. A bootable ISO has a partition table of right.
    /// </summary>
    public ImageFormat? Format => Primary is { } primary ? primary.Format : Detected.Count == 0 ? ImageFormat.Raw : null;

    /// <summary>The detection that <see cref="Format"/> stands for; <see langword="null"/> for raw data and for several formats.</summary>
    public DetectedFormat? Primary => Detected switch
    {
        [var only] => only,
        [{ Format: ImageFormat.Iso } iso, { Format: ImageFormat.Gpt }] => iso,
        _ => null,
    };

    /// <summary>Bytes of the disk that an instance would see.</summary>
    public long? VirtualSize => Primary is null ? (Detected.Count == 0 ? Length : null) : Primary.VirtualSize;
}
