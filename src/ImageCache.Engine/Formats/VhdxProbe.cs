using System.Buffers.Binary;

namespace ImageCache.Engine.Formats;

/// <summary>
/// Hyper-V's VHDX, little-endian. The region table at 192 KiB leads to the metadata region, whose table leads to the size and to what
/// tells of a parent. Every step leads onward in a well-made file. Source: [MS-VHDX].
/// </summary>
internal sealed class VhdxProbe() : FormatProbe(ImageFormat.Vhdx)
{
    private const int TableLength = 64 * 1024;
    private const long RegionTableOffset = 192 * 1024;
    private const uint RegionSignature = 0x69676572;
    private const int RegionHeaderLength = 16;
    private const int MetadataHeaderLength = 32;
    private const int EntryLength = 32;
    private const int MostEntries = 2047;
    private const uint HasParent = 2;
    private const ulong LargestSize = 64UL << 40;

    private static readonly Guid MetadataRegion = new("8B7CA206-4790-4B9A-B8FE-575F050F886E");
    private static readonly Guid FileParameters = new("CAA16737-FA36-4D43-B3B6-33F0AA44E76B");
    private static readonly Guid VirtualDiskSize = new("2FA54224-CD1B-4876-B211-5DBED83BF4B8");
    private static readonly Guid ParentLocator = new("A8D35F2D-B30B-454D-ABF7-D3D84834AB0C");

    private RegionCaptures? _captures;
    private long _metadataOffset;
    private bool _parametersRead;

    /// <inheritdoc/>
    public override void ReadHead(ReadOnlySpan<byte> head, RegionCaptures captures)
    {
        IsMatch = head.StartsWith("vhdxfile"u8);
        if (IsMatch)
        {
            _captures = captures;
            captures.TryRequest(RegionTableOffset, TableLength, table => ReadRegions(table.Span));
        }
    }

    /// <inheritdoc/>
    public override void Finish(long length, ReadOnlySpan<byte> tail)
    {
        if (VirtualSize is null || !_parametersRead)
        {
            Refuse("is a VHDX whose size or kind cannot be found: it is damaged or not whole");
        }
    }

    private void ReadRegions(ReadOnlySpan<byte> table)
    {
        uint count = BinaryPrimitives.ReadUInt32LittleEndian(table[8..]);
        if (BinaryPrimitives.ReadUInt32LittleEndian(table) != RegionSignature || count > MostEntries)
        {
            Refuse("has a damaged VHDX region table");
            return;
        }

        if (!TryFind(table, RegionHeaderLength, (int)count, MetadataRegion, out ReadOnlySpan<byte> entry))
        {
            return;
        }

        ulong offset = BinaryPrimitives.ReadUInt64LittleEndian(entry[16..]);
        if (offset > long.MaxValue || !_captures!.TryRequest((long)offset, TableLength, metadata => ReadMetadata(metadata.Span)))
        {
            Refuse("has its VHDX metadata in the wrong place");
            return;
        }

        _metadataOffset = (long)offset;
    }

    private void ReadMetadata(ReadOnlySpan<byte> table)
    {
        ushort count = BinaryPrimitives.ReadUInt16LittleEndian(table[10..]);
        if (!table.StartsWith("metadata"u8) || count > MostEntries)
        {
            Refuse("has a damaged VHDX metadata table");
            return;
        }

        if (TryFind(table, MetadataHeaderLength, count, ParentLocator, out _))
        {
            Refuse("is a differencing VHDX: it has a parent");
        }

        RequestItem(table, count, FileParameters, item => ReadParameters(item.Span));
        RequestItem(table, count, VirtualDiskSize, item => ReadSize(item.Span));
    }

    private void RequestItem(ReadOnlySpan<byte> table, int count, Guid id, Action<ReadOnlyMemory<byte>> read)
    {
        if (TryFind(table, MetadataHeaderLength, count, id, out ReadOnlySpan<byte> entry))
        {
            uint offset = BinaryPrimitives.ReadUInt32LittleEndian(entry[16..]);
            if (_metadataOffset > long.MaxValue - offset || !_captures!.TryRequest(_metadataOffset + offset, 8, read))
            {
                Refuse("has VHDX metadata in the wrong place");
            }
        }
    }

    private void ReadParameters(ReadOnlySpan<byte> item)
    {
        _parametersRead = true;
        if ((BinaryPrimitives.ReadUInt32LittleEndian(item[4..]) & HasParent) != 0)
        {
            Refuse("is a differencing VHDX: it has a parent");
        }
    }

    private void ReadSize(ReadOnlySpan<byte> item)
    {
        ulong size = BinaryPrimitives.ReadUInt64LittleEndian(item);
        if (size > LargestSize)
        {
            Refuse("claims an impossible virtual size");
            return;
        }

        SetSizeInSectors(size);
    }

    /// <summary>Finds the entry of a table that has this id; two of them are a contradiction.</summary>
    private bool TryFind(ReadOnlySpan<byte> table, int headerLength, int count, Guid id, out ReadOnlySpan<byte> found)
    {
        found = default;
        for (int i = 0; i < count; i++)
        {
            ReadOnlySpan<byte> entry = table.Slice(headerLength + (i * EntryLength), EntryLength);
            if (new Guid(entry[..16]) == id)
            {
                if (!found.IsEmpty)
                {
                    Refuse("has a VHDX table with an entry twice");
                }

                found = entry;
            }
        }

        return !found.IsEmpty;
    }
}
