using System.Buffers.Binary;
using System.Text;

namespace ImageCache.Engine.Tests.Formats;

/// <summary>Small well-made images of every format, byte by byte, for tests to spoil.</summary>
internal static class SampleImages
{
    public const long DiskSize = 64L << 20;
    private const int Cluster = 65536;

    public static byte[] Qcow2(uint version = 3, Action<byte[]>? spoil = null)
    {
        byte[] image = new byte[4 * Cluster];
        byte[] magic = [0x51, 0x46, 0x49, 0xFB];
        magic.CopyTo(image, 0);
        BigEndian32(image, 4, version);
        BigEndian32(image, 20, 16);
        BigEndian64(image, 24, DiskSize);
        BigEndian32(image, 36, 1);
        BigEndian64(image, 40, 3 * Cluster);
        BigEndian64(image, 48, Cluster);
        BigEndian32(image, 56, 1);
        if (version >= 3)
        {
            BigEndian32(image, 96, 4);
            BigEndian32(image, 100, 104);
        }

        spoil?.Invoke(image);
        return image;
    }

    /// <summary>A qcow2 with one header extension.</summary>
    public static byte[] Qcow2WithExtension(uint type, string text) => Qcow2(3, image =>
    {
        BigEndian32(image, 104, type);
        BigEndian32(image, 108, (uint)text.Length);
        Encoding.ASCII.GetBytes(text).CopyTo(image, 112);
    });

    public static byte[] Qed() => Padded("QED\0"u8, 4096);

    public static string VmdkText(string createType = "monolithicSparse", string extents = "RW 131072 SPARSE \"disk.vmdk\"\n", string more = "") =>
        $"""
        # Disk DescriptorFile
        version=1
        CID=12345678
        parentCID=ffffffff
        createType="{createType}"

        # Extent description
        {extents}
        {more}
        # The Disk Data Base
        #DDB

        ddb.virtualHWVersion = "4"
        ddb.geometry.cylinders = "20"
        ddb.adapterType = "ide"

        """;

    public static byte[] Vmdk(string? descriptor = null, Action<byte[]>? spoil = null, int length = 128 * 1024)
    {
        byte[] image = Padded(VmdkHeader(), length);
        Encoding.Latin1.GetBytes(descriptor ?? VmdkText()).CopyTo(image, 512);
        spoil?.Invoke(image);
        return image;
    }

    /// <summary>A VMDK whose grain directory is told by the footer.</summary>
    public static byte[] VmdkWithFooter(Action<byte[]>? spoil = null)
    {
        byte[] image = Vmdk(VmdkText("streamOptimized"));
        BinaryPrimitives.WriteUInt64LittleEndian(image.AsSpan(56), ulong.MaxValue);
        int footer = image.Length - 1536;
        image.AsSpan(footer).Clear();
        LittleEndian32(image, footer, 1);
        LittleEndian32(image, footer + 12, 3);
        VmdkHeader().CopyTo(image, footer + 512);
        spoil?.Invoke(image);
        return image;
    }

    public static byte[] Vhd(uint type = 3)
    {
        byte[] footer = VhdFooter(type);
        byte[] image = new byte[8192];
        footer.CopyTo(image, 0);
        footer.CopyTo(image, image.Length - 512);
        return image;
    }

    public static byte[] VhdFooter(uint type)
    {
        byte[] footer = Padded("conectix"u8, 512);
        BigEndian64(footer, 16, 512);
        BigEndian64(footer, 40, DiskSize);
        BigEndian64(footer, 48, DiskSize);
        BigEndian32(footer, 60, type);
        return footer;
    }

    public const int VhdxMetadata = 2 << 20;

    public static byte[] Vhdx(bool hasParent = false, bool hasLocator = false, Action<byte[]>? spoil = null)
    {
        byte[] image = Padded("vhdxfile"u8, VhdxMetadata + 0x20000);
        int regions = 192 * 1024;
        LittleEndian32(image, regions, 0x69676572);
        LittleEndian32(image, regions + 8, 2);
        new Guid("2DC27766-F623-4200-9D64-115E9BFD4A08").ToByteArray().CopyTo(image, regions + 16);
        new Guid("8B7CA206-4790-4B9A-B8FE-575F050F886E").ToByteArray().CopyTo(image, regions + 48);
        LittleEndian64(image, regions + 64, VhdxMetadata);
        LittleEndian32(image, regions + 72, 1 << 20);
        "metadata"u8.CopyTo(image.AsSpan(VhdxMetadata));
        image[VhdxMetadata + 10] = (byte)(hasLocator ? 3 : 2);
        VhdxItem(image, 0, "CAA16737-FA36-4D43-B3B6-33F0AA44E76B", 0x10000);
        VhdxItem(image, 1, "2FA54224-CD1B-4876-B211-5DBED83BF4B8", 0x10008);
        VhdxItem(image, 2, "A8D35F2D-B30B-454D-ABF7-D3D84834AB0C", 0x10010);
        LittleEndian32(image, VhdxMetadata + 0x10000, 8 << 20);
        LittleEndian32(image, VhdxMetadata + 0x10004, hasParent ? 2u : 0);
        LittleEndian64(image, VhdxMetadata + 0x10008, DiskSize);
        spoil?.Invoke(image);
        return image;
    }

    public static byte[] Vdi(uint type = 1, Action<byte[]>? spoil = null)
    {
        byte[] image = Padded("<<< QEMU VM Virtual Disk Image >>>\n"u8, 4096);
        LittleEndian32(image, 0x40, 0xBEDA107F);
        LittleEndian32(image, 0x44, 0x00010001);
        LittleEndian32(image, 0x4C, type);
        LittleEndian64(image, 0x170, DiskSize);
        spoil?.Invoke(image);
        return image;
    }

    public static byte[] Iso(string identifier = "CD001")
    {
        byte[] image = new byte[96 * 1024];
        image[0x8000] = 1;
        Encoding.ASCII.GetBytes(identifier).CopyTo(image, 0x8001);
        return image;
    }

    public static byte[] Mbr(Action<byte[]>? spoil = null)
    {
        byte[] image = new byte[1 << 20];
        Partition(image, 0, 0x83, 2048);
        image[510] = 0x55;
        image[511] = 0xAA;
        spoil?.Invoke(image);
        return image;
    }

    public static byte[] Gpt(Action<byte[]>? spoil = null) => Mbr(image =>
    {
        Partition(image, 0, 0xEE, 1);
        image[446] = 0;
        byte[] start = [0x00, 0x02, 0x00];
        start.CopyTo(image, 447);
        spoil?.Invoke(image);
    });

    public static void Partition(byte[] image, int index, byte type, uint start)
    {
        int entry = 446 + (16 * index);
        image[entry] = 0x80;
        image[entry + 4] = type;
        LittleEndian32(image, entry + 8, start);
        LittleEndian32(image, entry + 12, 100);
    }

    public static byte[] Luks(ushort version = 1)
    {
        byte[] image = Padded([0x4C, 0x55, 0x4B, 0x53, 0xBA, 0xBE], 4 << 20);
        BinaryPrimitives.WriteUInt16BigEndian(image.AsSpan(6), version);
        BigEndian32(image, 104, 4096);
        return image;
    }

    public static byte[] Ploop()
    {
        byte[] image = Padded("WithouFreSpacExt"u8, 4096);
        LittleEndian32(image, 16, 2);
        LittleEndian64(image, 36, DiskSize / 512);
        return image;
    }

    public static byte[] RawData(int length = 200_000)
    {
        byte[] image = new byte[length];
        new Random(17).NextBytes(image);
        return image;
    }

    public static void BigEndian32(byte[] image, int offset, uint value) => BinaryPrimitives.WriteUInt32BigEndian(image.AsSpan(offset), value);

    public static void BigEndian64(byte[] image, int offset, long value) => BinaryPrimitives.WriteInt64BigEndian(image.AsSpan(offset), value);

    public static void LittleEndian32(byte[] image, int offset, uint value)
        => BinaryPrimitives.WriteUInt32LittleEndian(image.AsSpan(offset), value);

    public static void LittleEndian64(byte[] image, int offset, long value)
        => BinaryPrimitives.WriteInt64LittleEndian(image.AsSpan(offset), value);

    private static byte[] VmdkHeader()
    {
        byte[] header = Padded("KDMV"u8, 512);
        LittleEndian32(header, 4, 1);
        LittleEndian32(header, 8, 3);
        LittleEndian64(header, 12, DiskSize / 512);
        LittleEndian64(header, 20, 128);
        LittleEndian64(header, 28, 1);
        LittleEndian64(header, 36, 20);
        LittleEndian32(header, 44, 512);
        LittleEndian64(header, 48, 21);
        LittleEndian64(header, 56, 26);
        return header;
    }

    private static void VhdxItem(byte[] image, int index, string id, uint offset)
    {
        int entry = VhdxMetadata + 32 + (32 * index);
        new Guid(id).ToByteArray().CopyTo(image, entry);
        LittleEndian32(image, entry + 16, offset);
        LittleEndian32(image, entry + 20, 8);
    }

    private static byte[] Padded(ReadOnlySpan<byte> beginning, int length)
    {
        byte[] padded = new byte[length];
        beginning.CopyTo(padded);
        return padded;
    }
}
