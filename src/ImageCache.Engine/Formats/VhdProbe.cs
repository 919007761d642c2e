using System.Buffers.Binary;

namespace ImageCache.Engine.Formats;

/// <summary>
/// Virtual PC's VHD, big-endian. A dynamic disk begins with a copy of its footer; a fixed one has only the footer, and counts as raw,
/// as it does with nova and QEMU. Source: "Virtual Hard Disk Image Format Specification".
/// </summary>
internal sealed class VhdProbe() : FormatProbe(ImageFormat.Vhd)
{
    /// <summary>Bytes of the footer.</summary>
    public const int FooterLength = 512;

    private const ulong SectorLength = 512;
    private const uint Dynamic = 3;
    private const uint Differencing = 4;

    /// <summary>The mark of the format.</summary>
    public static ReadOnlySpan<byte> Cookie => "conectix"u8;

    /// <inheritdoc/>
    public override void ReadHead(ReadOnlySpan<byte> head, RegionCaptures captures)
    {
        IsMatch = head.StartsWith(Cookie);
        if (!IsMatch)
        {
            return;
        }

        if (head.Length < FooterLength)
        {
            Refuse("ends within its VHD header");
            return;
        }

        // Readers choose between the two by the name of the writer, each in its own way: the larger is what must be reckoned with.
        SetVirtualSize(Math.Max(BinaryPrimitives.ReadUInt64BigEndian(head[48..]), SizeByGeometry(head)));
        CheckType(head);
    }

    /// <inheritdoc/>
    public override void Finish(long length, ReadOnlySpan<byte> tail)
    {
        // Which of the two copies a reader takes is its own affair: both must be harmless.
        if (tail.Length >= FooterLength && tail[^FooterLength..].StartsWith(Cookie))
        {
            CheckType(tail[^FooterLength..]);
        }
    }

    private static ulong SizeByGeometry(ReadOnlySpan<byte> footer)
        => (ulong)BinaryPrimitives.ReadUInt16BigEndian(footer[56..]) * footer[58] * footer[59] * SectorLength;

    private void CheckType(ReadOnlySpan<byte> footer)
    {
        uint type = BinaryPrimitives.ReadUInt32BigEndian(footer[60..]);
        if (type == Differencing)
        {
            Refuse("is a differencing VHD: it has a parent");
        }
        else if (type != Dynamic)
        {
            Refuse($"begins as a VHD of type {type}, which does not begin so");
        }
    }
}
