using System.Buffers.Binary;

namespace ImageCache.Engine.Formats;

/// <summary>Parallels' expandable disk, little-endian. Source: QEMU, docs/interop/parallels.</summary>
internal sealed class PloopProbe() : FormatProbe(ImageFormat.Ploop)
{
    private const int HeaderLength = 64;

    private static ReadOnlySpan<byte> Magic => "WithoutFreeSpace"u8;

    private static ReadOnlySpan<byte> ExtendedMagic => "WithouFreSpacExt"u8;

    /// <inheritdoc/>
    public override void ReadHead(ReadOnlySpan<byte> head, RegionCaptures captures)
    {
        bool isExtended = head.StartsWith(ExtendedMagic);
        IsMatch = isExtended || head.StartsWith(Magic);
        if (!IsMatch)
        {
            return;
        }

        if (head.Length < HeaderLength)
        {
            Refuse("ends within its ploop header");
            return;
        }

        uint version = BinaryPrimitives.ReadUInt32LittleEndian(head[16..]);
        if (version != 2)
        {
            Refuse($"is of ploop version {version}, which is not supported");
        }

        // The older kind counts its sectors in 32 bits.
        ulong sectors = BinaryPrimitives.ReadUInt64LittleEndian(head[36..]);
        sectors = isExtended ? sectors : (uint)sectors;
        SetVirtualSize(sectors > ulong.MaxValue / 512 ? ulong.MaxValue : sectors * 512);
    }
}
