using System.Diagnostics.CodeAnalysis;

namespace ImageCache.Engine.Formats;

/// <summary>
/// The words for formats: Glance's <c>disk_format</c> and qemu-img's. They differ for VHD (vpc) and ploop (parallels); QEMU knows
/// neither ISO, partition tables nor Amazon's machine, kernel and ramdisk images: to it they are raw.
/// </summary>
internal static class DiskFormatNames
{
    /// <summary>Glance's word for machine images of Amazon's kind.</summary>
    public const string Ami = "ami";

    /// <summary>Glance's word for kernels.</summary>
    public const string Aki = "aki";

    /// <summary>Glance's word for ramdisks.</summary>
    public const string Ari = "ari";

    /// <summary>What data with this <c>disk_format</c> must be. Amazon's three kinds are raw.</summary>
    public static bool TryParse([NotNullWhen(true)] string? diskFormat, [NotNullWhen(true)] out ImageFormat? format)
    {
        format = diskFormat switch
        {
            "raw" or Ami or Aki or Ari => ImageFormat.Raw,
            "gpt" => ImageFormat.Gpt,
            "qcow2" => ImageFormat.Qcow2,
            "vmdk" => ImageFormat.Vmdk,
            "vhd" => ImageFormat.Vhd,
            "vhdx" => ImageFormat.Vhdx,
            "vdi" => ImageFormat.Vdi,
            "iso" => ImageFormat.Iso,
            "luks" => ImageFormat.Luks,
            "ploop" => ImageFormat.Ploop,
            _ => null,
        };
        return format is not null;
    }

    /// <summary>Glance's word. QED has none; it is called by its own name.</summary>
    public static string ToGlance(ImageFormat format) => format switch
    {
        ImageFormat.Raw => "raw",
        ImageFormat.Gpt => "gpt",
        ImageFormat.Qcow2 => "qcow2",
        ImageFormat.Qed => "qed",
        ImageFormat.Vmdk => "vmdk",
        ImageFormat.Vhd => "vhd",
        ImageFormat.Vhdx => "vhdx",
        ImageFormat.Vdi => "vdi",
        ImageFormat.Iso => "iso",
        ImageFormat.Luks => "luks",
        ImageFormat.Ploop => "ploop",
        _ => throw new ArgumentOutOfRangeException(nameof(format)),
    };

    /// <summary>qemu-img's word.</summary>
    public static string ToQemu(ImageFormat format) => format switch
    {
        ImageFormat.Raw or ImageFormat.Gpt or ImageFormat.Iso => "raw",
        ImageFormat.Vhd => "vpc",
        ImageFormat.Ploop => "parallels",
        _ => ToGlance(format),
    };

    /// <summary>Whether the bytes are the disk already, so that there is nothing to convert.</summary>
    public static bool IsRawData(ImageFormat format) => format is ImageFormat.Raw or ImageFormat.Gpt or ImageFormat.Iso;
}
