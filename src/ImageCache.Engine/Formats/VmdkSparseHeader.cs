using System.Buffers.Binary;

namespace ImageCache.Engine.Formats;

/// <summary>
/// The header of a hosted sparse extent, little-endian; sizes and offsets in sectors of 512 bytes. Source: VMware, "Virtual Disk
/// Format 5.0", SparseExtentHeader.
/// </summary>
internal sealed record VmdkSparseHeader
{
    /// <summary>Bytes that are read of it.</summary>
    public const int Length = 64;

    /// <summary>A grain directory offset that sends the reader to the footer.</summary>
    public const ulong DirectoryAtEnd = ulong.MaxValue;

    /// <summary>The mark of the format.</summary>
    public static ReadOnlySpan<byte> Magic => "KDMV"u8;

    /// <summary>1 to 3.</summary>
    public required uint Version { get; init; }

    /// <summary>Sectors of the disk.</summary>
    public required ulong Capacity { get; init; }

    /// <summary>Where the descriptor lies.</summary>
    public required ulong DescriptorOffset { get; init; }

    /// <summary>Sectors of the descriptor.</summary>
    public required ulong DescriptorSize { get; init; }

    /// <summary>Where the grain directory lies.</summary>
    public required ulong DirectoryOffset { get; init; }

    /// <summary>Reads a header; <see langword="null"/> when it is not one or too short.</summary>
    public static VmdkSparseHeader? TryRead(ReadOnlySpan<byte> data)
        => data.Length < Length || !data.StartsWith(Magic) ? null : new VmdkSparseHeader
        {
            Version = BinaryPrimitives.ReadUInt32LittleEndian(data[4..]),
            Capacity = BinaryPrimitives.ReadUInt64LittleEndian(data[12..]),
            DescriptorOffset = BinaryPrimitives.ReadUInt64LittleEndian(data[28..]),
            DescriptorSize = BinaryPrimitives.ReadUInt64LittleEndian(data[36..]),
            DirectoryOffset = BinaryPrimitives.ReadUInt64LittleEndian(data[56..]),
        };
}
