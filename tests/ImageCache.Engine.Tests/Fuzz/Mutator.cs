using System.Buffers.Binary;
using System.Text;

namespace ImageCache.Engine.Tests.Fuzz;

/// <summary>Does to an image what somebody would who knows its format.</summary>
internal static class Mutator
{
    private const int Largest = 32 << 20;

    private static readonly ulong[] Boundaries =
    [
        0, 1, 2, 3, 4, 7, 8, 9, 16, 20, 21, 22, 31, 32, 33, 63, 64, 72, 104, 112, 127, 128, 255, 256, 511, 512, 513, 1023, 1024, 2047, 2048, 4096,
        0x7FFF, 0x8000, 0xFFFF, 0x10000, 0x10001, 0x1FFFFF, 0x200000, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, 0x100000000, 0x7FFFFFFFFFFFFF,
        0x80000000000000, 0x3FFFFFFFFFFFFFFF, 0x7FFFFFFFFFFFFE00, 0x7FFFFFFFFFFFFFFF, 0x8000000000000000, 0xFFFFFFFFFFFFFE00, 0xFFFFFFFFFFFFFFFF,
    ];

    private static readonly byte[][] Words =
    [
        .. new[]
        {
            "QED\0", "KDMV", "COWD", "conectix", "cxsparse", "vhdxfile", "head", "regi", "metadata", "loge", "\u0001CD001", "\u0001NSR02", "LUKS",
            "WithoutFreeSpace", "WithouFreSpacExt", "createType=\"monolithicFlat\"\n", "createType=\"streamOptimized\"\n", "version=1\n", "version=3\r\n",
            "# Disk DescriptorFile\nversion=1\n", "RW 1 FLAT \"/etc/hostname\" 0\n", "RW 8192 SPARSE \"x.vmdk\"\n", "parentFileNameHint=\"/etc/hostname\"\n",
            "parentCID=00000001\n", "json:{\"driver\":\"file\"}", "/etc/hostname", "rbd:images/x", "raw", "DATA", "\n", "\0", "win ", "vpc ", "\r\n#",
        }.Select(Encoding.Latin1.GetBytes),
        [0x51, 0x46, 0x49, 0xFB], [0x7F, 0x10, 0xDA, 0xBE], [0x55, 0xAA], [0x4C, 0x55, 0x4B, 0x53, 0xBA, 0xBE], [0xE2, 0x79, 0x2A, 0xCA], [0x44, 0x41, 0x54, 0x41], [0xFF],
    ];

    public static byte[] Apply(byte[] image, Mutation mutation, Specimen specimen, IReadOnlyList<Specimen> others)
    {
        switch (mutation.Kind)
        {
            case MutationKind.Truncate:
                return image[..Cut(image.Length, mutation)];
            case MutationKind.Extend:
                return image.Length > Largest ? image : [.. image, .. Appendix(mutation, others)];
        }

        (int start, int width) = Field(image.Length, mutation, specimen);
        Span<byte> field = image.AsSpan(start, width);
        switch (mutation.Kind)
        {
            case MutationKind.Boundary:
                Write(field, Boundaries[mutation.Choice % Boundaries.Length], mutation.Choice);
                break;
            case MutationKind.Nudge:
                Write(field, Read(field, mutation.Choice) + (ulong)((mutation.Choice % 9) - 4), mutation.Choice);
                break;
            case MutationKind.Flip when width > 0:
                field[mutation.Choice / 8 % width] ^= (byte)(1 << (mutation.Choice % 8));
                break;
            case MutationKind.Scramble:
                new Random(mutation.Choice).NextBytes(field);
                break;
            case MutationKind.Duplicate:
                (int other, _) = Field(image.Length, mutation with { Place = mutation.Choice }, specimen);
                Put(image, start, image.AsSpan(other, Math.Min(16 << (mutation.Choice % 6), image.Length - other)).ToArray());
                break;
            case MutationKind.Splice:
                Specimen donor = others[mutation.Choice % others.Count];
                (int from, _) = Field(donor.Bytes.Length, mutation with { Place = mutation.Choice / 7 }, donor);
                Put(image, mutation.Choice % 3 == 0 ? from : start, donor.Bytes.AsSpan(from, Math.Min(512, donor.Bytes.Length - from)));
                break;
            case MutationKind.Word:
                Put(image, mutation.Choice % 2 == 0 ? start : Marks[mutation.Place % Marks.Length], Words[mutation.Choice / 2 % Words.Length]);
                break;
        }

        return image;
    }

    // Where the formats have their marks.
    private static readonly int[] Marks = [0, 4, 0x40, 510, 512, 0x8000, 65536, 192 * 1024];

    private static void Put(byte[] image, int at, ReadOnlySpan<byte> bytes)
    {
        if (at < image.Length)
        {
            bytes[..Math.Min(bytes.Length, image.Length - at)].CopyTo(image.AsSpan(at));
        }
    }

    // Half of all fields are aligned by their width, as fields are; the other half lie anywhere in a header.
    private static (int Start, int Width) Field(int length, Mutation mutation, Specimen specimen)
    {
        (int begin, int extent) = specimen.Regions[mutation.Place % specimen.Regions.Count];
        int width = 1 << (mutation.Width % 4);
        int offset = mutation.Place / specimen.Regions.Count % extent;
        int start = Math.Clamp(begin + (mutation.Width % 2 == 0 ? offset : offset / width * width), 0, length);
        return (start, Math.Min(width, length - start));
    }

    private static int Cut(int length, Mutation mutation) => mutation.Width % 3 == 0
        ? (int)Math.Min(Boundaries[mutation.Choice % 38], (ulong)length)
        : length - Math.Min(length, mutation.Choice % (mutation.Width % 3 == 1 ? 2048 : length + 1));

    private static byte[] Appendix(Mutation mutation, IReadOnlyList<Specimen> others) => (mutation.Width % 3) switch
    {
        0 => new byte[mutation.Choice % 5000],
        1 => SampleBytes(mutation.Choice),
        _ => others[mutation.Choice % others.Count].Bytes is var donor && donor.Length > 1536 ? donor[^1536..] : donor,
    };

    private static byte[] SampleBytes(int seed)
    {
        byte[] bytes = new byte[seed % 5000];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

    private static ulong Read(ReadOnlySpan<byte> field, int choice)
    {
        Span<byte> wide = stackalloc byte[8];
        wide.Clear();
        if (choice % 2 == 0)
        {
            field.CopyTo(wide[(8 - field.Length)..]);
            return BinaryPrimitives.ReadUInt64BigEndian(wide);
        }

        field.CopyTo(wide);
        return BinaryPrimitives.ReadUInt64LittleEndian(wide);
    }

    private static void Write(Span<byte> field, ulong value, int choice)
    {
        Span<byte> wide = stackalloc byte[8];
        if (choice % 2 == 0)
        {
            BinaryPrimitives.WriteUInt64BigEndian(wide, value);
            wide[(8 - field.Length)..].CopyTo(field);
            return;
        }

        BinaryPrimitives.WriteUInt64LittleEndian(wide, value);
        wide[..field.Length].CopyTo(field);
    }
}
