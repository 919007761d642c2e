using System.Buffers.Binary;
using System.Text;

namespace ImageCache.Engine.Formats;

/// <summary>
/// The header extensions of a qcow2 file: type and length, four bytes each, then data padded to eight bytes; type 0 ends the list, as
/// does the end of the first cluster or the backing file's name. Source: QEMU, docs/interop/qcow2.
/// </summary>
/// <param name="IsWhole">Whether the list was read to its end.</param>
/// <param name="BackingFormat">The format that the backing file is to be opened with.</param>
/// <param name="NamesDataFile">Whether an external data file is named.</param>
/// <param name="DataFile">Its name.</param>
internal sealed record Qcow2Extensions(bool IsWhole, string? BackingFormat, bool NamesDataFile, string? DataFile)
{
    private const uint End = 0;
    private const uint BackingFormatType = 0xE2792ACA;
    private const uint DataFileType = 0x44415441;
    private const int LongestName = 1023;

    /// <summary>Reads the list from the beginning of a file.</summary>
    public static Qcow2Extensions Read(ReadOnlySpan<byte> head, Qcow2Header header)
    {
        Qcow2Extensions found = new(false, null, false, null);
        long limit = Limit(header);
        long position = header.HeaderLength;
        while (position < limit)
        {
            if (position > head.Length - 8)
            {
                return found;
            }

            uint type = BinaryPrimitives.ReadUInt32BigEndian(head[(int)position..]);
            uint length = BinaryPrimitives.ReadUInt32BigEndian(head[((int)position + 4)..]);
            position += 8;
            if (type == End)
            {
                return found with { IsWhole = true };
            }

            if (length > limit - position || length > head.Length - position)
            {
                return found;
            }

            found = found.With(type, head.Slice((int)position, (int)length));
            position += (length + 7L) & ~7L;
        }

        return found with { IsWhole = true };
    }

    private static long Limit(Qcow2Header header)
    {
        long limit = 1L << (int)Math.Clamp(header.ClusterBits, 9, 21);
        return header.BackingNameOffset == 0 ? limit : (long)Math.Min((ulong)limit, header.BackingNameOffset);
    }

    private Qcow2Extensions With(uint type, ReadOnlySpan<byte> data) => type switch
    {
        BackingFormatType => this with { BackingFormat = Text(data) },
        DataFileType => this with { NamesDataFile = true, DataFile = Text(data) },
        _ => this,
    };

    private static string Text(ReadOnlySpan<byte> data) => Encoding.UTF8.GetString(data[..Math.Min(data.Length, LongestName)]);
}
