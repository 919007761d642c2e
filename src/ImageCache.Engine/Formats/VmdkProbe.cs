using System.Buffers.Binary;
using System.Text;

namespace ImageCache.Engine.Formats;

/// <summary>
/// VMware's VMDK. Accepted is a hosted sparse extent with its descriptor inside; a descriptor on its own, or ESX's COWD extent, is
/// recognised to be refused, for it names other files. Sources: VMware, "Virtual Disk Format 5.0"; QEMU, block/vmdk.c.
/// </summary>
internal sealed class VmdkProbe() : FormatProbe(ImageFormat.Vmdk)
{
    private const int SectorLength = 512;
    private const int LargestDescriptor = 1 << 20;
    private const int TextProbeLength = 512;

    // What QEMU probes is 512 bytes, and was 2048.
    private const int VersionProbeLength = 2048;
    private const uint FooterMarker = 3;
    private const uint EndMarker = 0;

    private VmdkSparseHeader? _header;
    private bool _descriptorRead;

    private static ReadOnlySpan<byte> Version => "version="u8;

    /// <inheritdoc/>
    public override void ReadHead(ReadOnlySpan<byte> head, RegionCaptures captures)
    {
        if (head.StartsWith(VmdkSparseHeader.Magic))
        {
            IsMatch = true;
            ReadSparse(head, captures);
        }
        else if (head.StartsWith("COWD"u8))
        {
            IsMatch = true;
            Refuse("is a VMDK of ESX's COWD kind, which is not supported");
        }
        else if (BeginsWithVersion(head) || IsTextDescriptor(head))
        {
            IsMatch = true;
            Refuse("is a VMDK descriptor that names other files");
        }
    }

    /// <inheritdoc/>
    public override void Finish(long length, ReadOnlySpan<byte> tail)
    {
        if (_header is null)
        {
            return;
        }

        if (!_descriptorRead)
        {
            Refuse("ends before its VMDK descriptor does");
        }

        // QEMU looks for the footer before the end in whole sectors.
        if (_header.DirectoryOffset == VmdkSparseHeader.DirectoryAtEnd && (length % SectorLength != 0 || !IsFooterOf(_header, tail)))
        {
            Refuse("has a VMDK footer that is missing or contradicts the header");
        }
    }

    private void ReadSparse(ReadOnlySpan<byte> head, RegionCaptures captures)
    {
        VmdkSparseHeader? header = VmdkSparseHeader.TryRead(head);
        if (header is null)
        {
            Refuse("ends within its VMDK header");
            return;
        }

        if (header.Version is < 1 or > 3)
        {
            Refuse($"is of VMDK version {header.Version}, which is not supported");
        }

        // With no capacity, QEMU follows the descriptor to the files that it names.
        if (header.Capacity is 0 or > long.MaxValue / SectorLength)
        {
            Refuse("claims an impossible virtual size");
        }
        else
        {
            SetVirtualSize(header.Capacity * SectorLength);
        }

        if (header.DescriptorOffset != 1 || header.DescriptorSize is 0 or > LargestDescriptor / SectorLength)
        {
            Refuse("has its VMDK descriptor in the wrong place");
            return;
        }

        _header = header;
        captures.TryRequest(SectorLength, (int)header.DescriptorSize * SectorLength, ReadDescriptor);
    }

    private void ReadDescriptor(ReadOnlyMemory<byte> region)
    {
        _descriptorRead = true;
        string? text = VmdkDescriptor.Decode(region.Span);
        if (text is null)
        {
            Refuse("has a VMDK descriptor that is not text");
            return;
        }

        Subformat = VmdkDescriptor.FindCreateType(text);
        if (Subformat is null)
        {
            Refuse("has a VMDK descriptor without a create type");
        }
        else if (!VmdkDescriptor.SelfContainedTypes.Contains(Subformat, StringComparer.OrdinalIgnoreCase))
        {
            Refuse($"is a VMDK of type '{Printable(Subformat)}', whose data may lie in other files");
        }

        foreach (string problem in VmdkDescriptor.FindProblems(text))
        {
            Refuse(problem);
        }
    }

    private static bool IsTextDescriptor(ReadOnlySpan<byte> head)
    {
        ReadOnlySpan<byte> beginning = head[..Math.Min(head.Length, TextProbeLength)];
        if (beginning.IsEmpty || beginning.ContainsAnyExceptInRange((byte)0x09, (byte)0x7E))
        {
            return false;
        }

        string? text = VmdkDescriptor.Decode(head);
        return text is not null
            && (text.Contains("createType", StringComparison.OrdinalIgnoreCase) || text.Contains("Disk DescriptorFile", StringComparison.OrdinalIgnoreCase));
    }

    // QEMU takes comments and blank lines followed by a version for a VMDK, and whatever follows need not be text.
    private static bool BeginsWithVersion(ReadOnlySpan<byte> head)
    {
        ReadOnlySpan<byte> rest = head[..Math.Min(head.Length, VersionProbeLength)];
        while (!rest.IsEmpty)
        {
            int end = rest.IndexOf((byte)'\n');
            ReadOnlySpan<byte> line = (end < 0 ? rest : rest[..end]).Trim(" \t\r"u8);
            if (!line.IsEmpty && line[0] != (byte)'#')
            {
                return Ascii.EqualsIgnoreCase(line[..Math.Min(line.Length, Version.Length)], Version);
            }

            rest = end < 0 ? [] : rest[(end + 1)..];
        }

        return false;
    }

    private static bool IsFooterOf(VmdkSparseHeader header, ReadOnlySpan<byte> tail)
        => tail.Length == StreamTail.Length
            && IsMarker(tail[..SectorLength], FooterMarker, false)
            && IsMarker(tail[^SectorLength..], EndMarker, true)
            && VmdkSparseHeader.TryRead(tail[SectorLength..]) is { DirectoryOffset: not VmdkSparseHeader.DirectoryAtEnd } footer
            && footer with { DirectoryOffset = header.DirectoryOffset } == header;

    private static bool IsMarker(ReadOnlySpan<byte> sector, uint type, bool valueIsZero)
        => (!valueIsZero || BinaryPrimitives.ReadUInt64LittleEndian(sector) == 0)
            && BinaryPrimitives.ReadUInt32LittleEndian(sector[8..]) == 0
            && BinaryPrimitives.ReadUInt32LittleEndian(sector[12..]) == type
            && !sector[16..].ContainsAnyExcept((byte)0);

    private static string Printable(string text) => string.Concat(text.Select(static c => char.IsAsciiLetterOrDigit(c) ? c : '?'));
}
