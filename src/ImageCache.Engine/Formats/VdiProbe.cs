using System.Buffers.Binary;

namespace ImageCache.Engine.Formats;

/// <summary>VirtualBox's VDI, little-endian. Source: QEMU, block/vdi.c.</summary>
internal sealed class VdiProbe() : FormatProbe(ImageFormat.Vdi)
{
    private const uint Signature = 0xBEDA107F;
    private const int SignatureOffset = 0x40;
    private const int HeaderLength = 512;
    private const uint Dynamic = 1;
    private const uint Fixed = 2;
    private const uint Differencing = 4;

    /// <inheritdoc/>
    public override void ReadHead(ReadOnlySpan<byte> head, RegionCaptures captures)
    {
        IsMatch = head.Length >= SignatureOffset + 4 && BinaryPrimitives.ReadUInt32LittleEndian(head[SignatureOffset..]) == Signature;
        if (!IsMatch)
        {
            return;
        }

        if (head.Length < HeaderLength)
        {
            Refuse("ends within its VDI header");
            return;
        }

        SetVirtualSize(BinaryPrimitives.ReadUInt64LittleEndian(head[0x170..]));
        uint type = BinaryPrimitives.ReadUInt32LittleEndian(head[0x4C..]);
        bool hasLinks = head[0x1A8..0x1C8].ContainsAnyExcept((byte)0);
        if (type == Differencing || hasLinks)
        {
            Refuse("is a differencing VDI: it has a parent");
        }
        else if (type is not (Dynamic or Fixed))
        {
            Refuse($"is a VDI of unknown type {type}");
        }
    }
}
