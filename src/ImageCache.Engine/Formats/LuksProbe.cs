using System.Buffers.Binary;

namespace ImageCache.Engine.Formats;

/// <summary>A LUKS container, big-endian; version 1 only. Source: "LUKS1 On-Disk Format Specification".</summary>
internal sealed class LuksProbe() : FormatProbe(ImageFormat.Luks)
{
    private const int HeaderLength = 592;
    private long _payloadOffset = -1;

    private static ReadOnlySpan<byte> Magic => [0x4C, 0x55, 0x4B, 0x53, 0xBA, 0xBE];

    /// <inheritdoc/>
    public override void ReadHead(ReadOnlySpan<byte> head, RegionCaptures captures)
    {
        IsMatch = head.StartsWith(Magic);
        if (!IsMatch)
        {
            return;
        }

        IsEncrypted = true;
        if (head.Length < HeaderLength)
        {
            Refuse("ends within its LUKS header");
            return;
        }

        ushort version = BinaryPrimitives.ReadUInt16BigEndian(head[6..]);
        if (version != 1)
        {
            Refuse($"is of LUKS version {version}, which is not supported");
            return;
        }

        _payloadOffset = BinaryPrimitives.ReadUInt32BigEndian(head[104..]) * 512L;
    }

    /// <inheritdoc/>
    public override void Finish(long length, ReadOnlySpan<byte> tail)
    {
        if (_payloadOffset > length)
        {
            Refuse("has its LUKS payload beyond its end: it is damaged or not whole");
        }
        else if (_payloadOffset >= 0)
        {
            SetVirtualSize((ulong)(length - _payloadOffset));
        }
    }
}
