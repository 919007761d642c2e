using System.Text;
using ImageCache.Engine.Tests.Formats;

namespace ImageCache.Engine.Tests.Fuzz;

/// <summary>Sound images of every format: made by hand, and, where there is a qemu-img, made by it.</summary>
internal static class Specimens
{
    private static readonly Lazy<IReadOnlyList<Specimen>> LazyHandmade = new(MakeHandmade);
    private static readonly Lazy<IReadOnlyList<Specimen>> LazyReal = new(MakeReal);

    public static IReadOnlyList<Specimen> Handmade => LazyHandmade.Value;

    /// <summary>Made by qemu-img; none where there is none.</summary>
    public static IReadOnlyList<Specimen> Real => LazyReal.Value;

    public static IReadOnlyList<Specimen> All { get; } = [.. LazyHandmade.Value, .. LazyReal.Value];

    /// <summary>An image with the regions that its format has.</summary>
    public static Specimen Of(string name, string word, byte[] image)
    {
        (int, int)[] regions = word switch
        {
            "qcow2" => [(0, 112), (0, 112), (104, 512), (65536, 64)],
            "vmdk" when image.AsSpan().StartsWith("KDMV"u8) => [(0, 80), (512, 512), (512, 512), (image.Length - 1536, 1536)],
            "vmdk" => [(0, Math.Min(image.Length, 1024))],
            "vhd" => [(0, 100), (512, 80), (Math.Max(0, image.Length - 512), 100)],
            "vhdx" => [(64 << 10, 80), (192 << 10, 88), Metadata(image), (Metadata(image).Start + 65536, 64), (0, 16)],
            "vdi" => [(0x40, 64), (0x150, 0x80)],
            "iso" => [(0x8000, 256), (0, 512)],
            "luks" => [(0, 120), (104, 400)],
            "raw" => [(0, 64), (440, 72)],
            _ => [(0, 64)],
        };
        return new Specimen(name, word, image, [.. regions.Select(region => (Math.Clamp(region.Item1, 0, image.Length), region.Item2))])
        {
            Seal = word switch
            {
                "vhdx" => Checksums.SealVhdx,
                "vhd" => Checksums.SealVhd,
                _ => static _ => { },
            },
        };
    }

    private static (int Start, int Length) Metadata(byte[] image) => (Math.Max(0, image.AsSpan().IndexOf("metadata"u8)), 160);

    private static Specimen[] MakeHandmade() =>
    [
        Of("qcow2 v2", "qcow2", SampleImages.Qcow2(2)),
        Of("qcow2 v3", "qcow2", SampleImages.Qcow2()),
        Of("qcow2 with an extension", "qcow2", SampleImages.Qcow2WithExtension(0xE2792ACA, "raw")),
        Of("qed", "qed", SampleImages.Qed()),
        Of("vmdk", "vmdk", SampleImages.Vmdk()),
        Of("vmdk with a footer", "vmdk", SampleImages.VmdkWithFooter()),
        Of("vmdk descriptor", "vmdk", Encoding.ASCII.GetBytes(SampleImages.VmdkText("monolithicFlat"))),
        Of("vmdk of many lines", "vmdk", SampleImages.Vmdk(ManyLines(), ManyLinesHeader, 2 << 20)),
        Of("vhd", "vhd", SampleImages.Vhd()),
        Of("vhdx", "vhdx", SampleImages.Vhdx()),
        Of("vdi", "vdi", SampleImages.Vdi()),
        Of("iso", "iso", SampleImages.Iso()),
        Of("mbr", "raw", SampleImages.Mbr()[..100_000]),
        Of("gpt", "raw", SampleImages.Gpt()[..100_000]),
        Of("luks", "luks", SampleImages.Luks()),
        Of("whole luks", "luks", WholeLuks()),
        Of("ploop", "ploop", SampleImages.Ploop()),
        Of("raw", "raw", SampleImages.RawData()),
        Of("raw with a fixed VHD's footer", "raw", [.. SampleImages.RawData(), .. SampleImages.VhdFooter(2)]),
        Of("nothing", "raw", new byte[70_000]),
    ];

    // The longest descriptor there may be, of as many lines as it can have.
    private static string ManyLines() => SampleImages.VmdkText() + string.Concat(Enumerable.Repeat("a=\n", 340_000));

    private static void ManyLinesHeader(byte[] image) => SampleImages.LittleEndian64(image, 36, 2048);

    // Eight slots without keys: qemu-img tells of it without one, and makes such only on a machine whose clock it likes.
    private static byte[] WholeLuks()
    {
        const int PayloadSector = 4096;
        byte[] image = SampleImages.Luks();
        Encoding.ASCII.GetBytes("aes").CopyTo(image, 8);
        Encoding.ASCII.GetBytes("xts-plain64").CopyTo(image, 40);
        Encoding.ASCII.GetBytes("sha256").CopyTo(image, 72);
        SampleImages.BigEndian32(image, 104, PayloadSector);
        SampleImages.BigEndian32(image, 108, 64);
        SampleImages.BigEndian32(image, 164, 1000);
        Encoding.ASCII.GetBytes("6f2d3f4e-0f53-4d29-a5a4-33c2fbb9c9d6").CopyTo(image, 168);
        for (int slot = 0; slot < 8; slot++)
        {
            int at = 208 + (48 * slot);
            SampleImages.BigEndian32(image, at, 0x0000DEAD);
            SampleImages.BigEndian32(image, at + 40, (uint)(8 + (504 * slot)));
            SampleImages.BigEndian32(image, at + 44, 4000);
        }

        return image;
    }

    private static IReadOnlyList<Specimen> MakeReal()
    {
        if (!QemuTool.IsInstalled)
        {
            return [];
        }

        using QemuTool tool = new();
        tool.WriteDisk("disk", 2);
        List<Specimen> specimens = [];
        foreach ((string word, string options) in RealKinds)
        {
            tool.Run(["convert", "-f", "raw", .. options.Split(' '), "disk", "image"]);
            specimens.Add(Of($"real {word} {options}", word, File.ReadAllBytes(tool.PathOf("image"))));
        }

        foreach ((string word, string name, string[] commands) in RealOddities)
        {
            File.Delete(tool.PathOf("image"));
            Array.ForEach(commands, command => tool.Run(command.Split(' ')));
            specimens.Add(Of($"real {name}", word, File.ReadAllBytes(tool.PathOf("image"))));
        }

        return specimens;
    }

    private static IEnumerable<(string Word, string Options)> RealKinds =>
    [
        ("qcow2", "-O qcow2"),
        ("qcow2", "-O qcow2 -o compat=0.10"),
        ("qcow2", "-O qcow2 -c -o compression_type=zstd"),
        ("qcow2", "-O qcow2 -o cluster_size=512,lazy_refcounts=on"),
        ("vmdk", "-O vmdk"),
        ("vmdk", "-O vmdk -o subformat=streamOptimized"),
        ("vhd", "-O vpc"),
        ("vhd", "-O vpc -o subformat=dynamic,force_size=on"),
        ("raw", "-O vpc -o subformat=fixed"),
        ("vhdx", "-O vhdx"),
        ("vdi", "-O vdi"),
        ("vdi", "-O vdi -o static=on"),
        ("ploop", "-O parallels"),
        ("qed", "-O qed"),
        ("qcow2", "-O qcow"),
    ];

    private static IEnumerable<(string Word, string Name, string[] Commands)> RealOddities =>
    [
        ("qcow2", "qcow2 with a snapshot and a bitmap", ["create -f qcow2 image 2M", "snapshot -c one image", "bitmap --add image two"]),
        ("qcow2", "qcow2 with a backing file", ["create -f qcow2 -b disk -F raw image"]),
        ("qcow2", "qcow2 with a data file", ["create -f qcow2 -o data_file=data image 2M"]),
        ("qcow2", "qcow2 with extended L2", ["create -f qcow2 -o extended_l2=on image 2M"]),
        ("vmdk", "flat vmdk", ["create -f vmdk -o subformat=monolithicFlat image 2M"]),
    ];
}
