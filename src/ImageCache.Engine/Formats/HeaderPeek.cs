using System.Buffers.Binary;
using Microsoft.Win32.SafeHandles;

namespace ImageCache.Engine.Formats;

/// <summary>
/// Tells the format of a file of the cache from its beginning, for a listing: cheap for raw files, which most are. It decides nothing;
/// what is fetched is inspected as a whole.
/// </summary>
internal static class HeaderPeek
{
    private const int FirstLook = 512;
    private const int VdiMark = 0x40;

    /// <summary>Reads the beginning of a file.</summary>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static FormatReport Read(SafeFileHandle file, long length)
    {
        Span<byte> head = stackalloc byte[FirstLook];
        head = head[..RandomAccess.Read(file, head, 0)];
        if (!MayBeFormatted(head))
        {
            return new FormatReport { Detected = [], Length = length };
        }

        byte[] region = new byte[FormatInspector.HeadLength];
        int read = RandomAccess.Read(file, region, 0);
        FormatInspector inspector = new();
        inspector.Consume(region.AsSpan(0, read));

        // It may have grown meanwhile.
        inspector.ConsumeZeros(Math.Max(0, length - read));
        return inspector.Complete();
    }

    // The first bytes of every format but those that nova, too, takes for raw disks.
    private static bool MayBeFormatted(ReadOnlySpan<byte> head)
        => head.StartsWith(Qcow2Header.Magic)
            || head.StartsWith(VmdkSparseHeader.Magic)
            || head.StartsWith(QedProbe.Magic)
            || head.StartsWith("conectix"u8)
            || head.StartsWith("vhdxfile"u8)
            || head.StartsWith("LUKS"u8)
            || head.StartsWith("Withou"u8)
            || (head.Length >= VdiMark + sizeof(uint) && BinaryPrimitives.ReadUInt32LittleEndian(head[VdiMark..]) == 0xBEDA107F);
}
