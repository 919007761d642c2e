using System.Buffers.Binary;
using System.Numerics;

namespace ImageCache.Engine.Tests.Fuzz;

/// <summary>The checksums of the formats that have some, made right.</summary>
internal static class Checksums
{
    /// <summary>VHDX: CRC-32C of both headers and both region tables. Source: [MS-VHDX].</summary>
    public static void SealVhdx(byte[] image)
    {
        foreach ((int start, int length) in new[] { (64 << 10, 4096), (128 << 10, 4096), (192 << 10, 64 << 10), (256 << 10, 64 << 10) })
        {
            if (image.Length >= start + length)
            {
                Span<byte> table = image.AsSpan(start, length);
                table.Slice(4, 4).Clear();
                BinaryPrimitives.WriteUInt32LittleEndian(table[4..], Crc32C(table));
            }
        }
    }

    /// <summary>VHD: the sum of all bytes, inverted, in both footers and in the header. Source: "Virtual Hard Disk Image Format Specification".</summary>
    public static void SealVhd(byte[] image)
    {
        SealSum(image, 0, 512, 64);
        SealSum(image, 512, 1024, 36);
        SealSum(image, image.Length - 512, 512, 64);
    }

    private static void SealSum(byte[] image, int start, int length, int field)
    {
        if (start >= 0 && image.Length >= start + length)
        {
            Span<byte> header = image.AsSpan(start, length);
            header.Slice(field, 4).Clear();
            uint sum = 0;
            foreach (byte value in header)
            {
                sum += value;
            }

            BinaryPrimitives.WriteUInt32BigEndian(header[field..], ~sum);
        }
    }

    private static uint Crc32C(ReadOnlySpan<byte> data)
    {
        uint crc = uint.MaxValue;
        foreach (byte value in data)
        {
            crc = BitOperations.Crc32C(crc, value);
        }

        return ~crc;
    }
}
