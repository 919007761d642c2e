using System.Buffers.Binary;
using System.Text;
using System.Text.Unicode;
using Microsoft.Win32.SafeHandles;

namespace ImageCache.Engine.Formats;

/// <summary>
/// Reads from a disk's header what it is built on. Guests write such disks, so that a name found here is believed only to keep the file
/// named, never to open it; and what cannot be told is said to be unknown, so that in doubt everything is kept.
/// </summary>
internal static class BackingFileReader
{
    private const int FirstRead = 4096;
    private const int LongHead = 4 << 20;
    private const int LongestName = 1023;
    private const uint NewestQcow2 = 3;
    private const int QedHeaderLength = 64;
    private const ulong QedBackingFile = 1;
    private const ulong QedBackingFormatRaw = 4;

    /// <summary>Reads the header of an open disk; its position is left alone.</summary>
    /// <exception cref="IOException">The disk cannot be read.</exception>
    public static BackingReference Read(SafeFileHandle disk)
    {
        byte[] head = ReadAt(disk, 0, FirstRead);
        if (head.AsSpan().StartsWith(Qcow2Header.Magic))
        {
            return ReadQcow2(disk, head);
        }

        return head.AsSpan().StartsWith(QedProbe.Magic) ? ReadQed(disk, head) : ReadOther(disk, head);
    }

    private static BackingReference ReadQcow2(SafeFileHandle disk, byte[] head)
    {
        // Versions 1, 2 and 3 have the backing file's name in the same place.
        Qcow2Header? header = Qcow2Header.TryRead(head);
        if (header is null)
        {
            return BackingReference.Unknown("it ends within its qcow2 header");
        }

        if (header.Version is 0 or > NewestQcow2)
        {
            return BackingReference.Unknown("it is a qcow2 of a version that is not known");
        }

        Qcow2Extensions extensions = ReadExtensions(disk, head, header);
        if (!extensions.IsWhole || (header.Features.HasFlag(Qcow2Features.ExternalDataFile) && extensions.DataFile is null))
        {
            return BackingReference.Unknown("its qcow2 header extensions cannot be read");
        }

        return header.BackingNameOffset == 0
            ? new BackingReference(null, null, extensions.DataFile, null)
            : Named(ReadName(disk, header.BackingNameOffset, header.BackingNameLength), extensions.BackingFormat, extensions.DataFile);
    }

    private static BackingReference Named(string? name, string? format, string? dataFile)
    {
        if (name is null)
        {
            return BackingReference.Unknown("the name of its backing file cannot be read");
        }

        BackingName meant = BackingName.Parse(name);
        return meant.Unknown is { } reason
            ? BackingReference.Unknown(reason)
            : new BackingReference(meant.Path, meant.Path is null ? null : meant.Format ?? format, dataFile, null);
    }

    private static Qcow2Extensions ReadExtensions(SafeFileHandle disk, byte[] head, Qcow2Header header)
    {
        if (header.Version == 1)
        {
            return new Qcow2Extensions(true, null, false, null);
        }

        Qcow2Extensions extensions = Qcow2Extensions.Read(head, header);
        return extensions.IsWhole || head.Length < FirstRead
            ? extensions
            : Qcow2Extensions.Read(ReadAt(disk, 0, FormatInspector.HeadLength), header);
    }

    // Source: QEMU, docs/interop/qed_spec. Little-endian.
    private static BackingReference ReadQed(SafeFileHandle disk, byte[] head)
    {
        if (head.Length < QedHeaderLength)
        {
            return BackingReference.Unknown("it ends within its QED header");
        }

        ulong features = BinaryPrimitives.ReadUInt64LittleEndian(head.AsSpan(16));
        if ((features & QedBackingFile) == 0)
        {
            return BackingReference.None;
        }

        uint offset = BinaryPrimitives.ReadUInt32LittleEndian(head.AsSpan(56));
        uint length = BinaryPrimitives.ReadUInt32LittleEndian(head.AsSpan(60));
        return Named(ReadName(disk, offset, length), (features & QedBackingFormatRaw) != 0 ? "raw" : null, null);
    }

    /// <summary>
    /// Other formats can have parents, too. nova makes none of them: where the inspector has anything against one, all is open.
    /// </summary>
    private static BackingReference ReadOther(SafeFileHandle disk, byte[] head)
    {
        RegionCaptures captures = new(FirstRead, static _ => { });
        FormatProbe[] probes = [new VmdkProbe(), new VhdProbe(), new VhdxProbe(), new VdiProbe()];
        bool mayHaveParent = false;
        foreach (FormatProbe probe in probes)
        {
            probe.ReadHead(head, captures);
            mayHaveParent |= probe.IsMatch;
        }

        if (!mayHaveParent)
        {
            return BackingReference.None;
        }

        IEnumerable<string> problems = InspectLongHead(disk).Detected.SelectMany(static found => found.Problems);
        return problems.FirstOrDefault() is { } problem ? BackingReference.Unknown($"it {problem}") : BackingReference.None;
    }

    private static FormatReport InspectLongHead(SafeFileHandle disk)
    {
        FormatInspector inspector = new();
        byte[] piece = new byte[FormatInspector.HeadLength];
        int count;
        for (long position = 0; position < LongHead && (count = RandomAccess.Read(disk, piece, position)) > 0; position += count)
        {
            inspector.Consume(piece.AsSpan(0, count));
        }

        return inspector.Complete();
    }

    private static string? ReadName(SafeFileHandle disk, ulong offset, uint length)
    {
        if (length is 0 or > LongestName || offset > long.MaxValue - LongestName)
        {
            return null;
        }

        byte[] name = ReadAt(disk, (long)offset, (int)length);
        return name.Length < length || name.AsSpan().Contains((byte)0) || !Utf8.IsValid(name) ? null : Encoding.UTF8.GetString(name);
    }

    private static byte[] ReadAt(SafeFileHandle disk, long offset, int length)
    {
        byte[] buffer = new byte[length];
        int filled = 0;
        int count;
        while (filled < length && (count = RandomAccess.Read(disk, buffer.AsSpan(filled), offset + filled)) > 0)
        {
            filled += count;
        }

        return filled == length ? buffer : buffer[..filled];
    }
}
