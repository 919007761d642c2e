using System.Buffers.Binary;

namespace ImageCache.Engine.Formats;

/// <summary>
/// A raw disk with a partition table: an MBR, protective (GPT) or plain. The rules are nova's. Source: UEFI specification, chapter 5.
/// </summary>
internal sealed class PartitionTableProbe() : FormatProbe(ImageFormat.Gpt)
{
    private const int SectorLength = 512;
    private const int TableOffset = 446;
    private const int EntryLength = 16;
    private const int EntryCount = 4;
    private const byte Protective = 0xEE;

    /// <inheritdoc/>
    public override void ReadHead(ReadOnlySpan<byte> head, RegionCaptures captures)
    {
        IsMatch = head.Length >= SectorLength && head[510] == 0x55 && head[511] == 0xAA && !IsFat(head);
        if (IsMatch)
        {
            CheckEntries(head[TableOffset..]);
        }
    }

    /// <inheritdoc/>
    public override void Finish(long length, ReadOnlySpan<byte> tail) => SetVirtualSize((ulong)length);

    // The boot sector of a FAT file system has the same signature: it is known by its two FATs and the media byte of a fixed disk.
    private static bool IsFat(ReadOnlySpan<byte> sector) => sector[0x10] == 2 && sector[0x15] == 0xF8;

    private void CheckEntries(ReadOnlySpan<byte> table)
    {
        int used = 0;
        int protective = 0;
        for (int i = 0; i < EntryCount; i++)
        {
            ReadOnlySpan<byte> entry = table.Slice(i * EntryLength, EntryLength);
            if (entry[0] is not (0x00 or 0x80))
            {
                Refuse("has a partition table with an invalid boot flag");
            }

            used += entry[4] == 0 ? 0 : 1;
            if (entry[4] == Protective)
            {
                protective++;
                CheckProtective(i, entry);
            }
        }

        if (used == 0)
        {
            Refuse("has a partition table without partitions");
        }
        else if (protective > 0 && used > 1)
        {
            Refuse("has a protective partition beside others");
        }
    }

    private void CheckProtective(int index, ReadOnlySpan<byte> entry)
    {
        bool startsRight = entry[1..4].SequenceEqual((ReadOnlySpan<byte>)[0x00, 0x02, 0x00])
            && BinaryPrimitives.ReadUInt32LittleEndian(entry[8..]) == 1;
        if (index != 0 || !startsRight)
        {
            Refuse("has a protective partition in the wrong place");
        }
    }
}
