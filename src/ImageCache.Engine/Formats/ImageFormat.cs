namespace ImageCache.Engine.Formats;

/// <summary>What the bytes of an image are. Told from the bytes alone, never from a claim.</summary>
internal enum ImageFormat
{
    /// <summary>No format is recognised: the bytes are the disk.</summary>
    Raw,

    /// <summary>A raw disk that begins with a GPT or an MBR.</summary>
    Gpt,

    /// <summary>QEMU's qcow2, versions 2 and 3.</summary>
    Qcow2,

    /// <summary>QEMU's former QED.</summary>
    Qed,

    /// <summary>VMware's VMDK.</summary>
    Vmdk,

    /// <summary>Virtual PC's VHD.</summary>
    Vhd,

    /// <summary>Hyper-V's VHDX.</summary>
    Vhdx,

    /// <summary>VirtualBox's VDI.</summary>
    Vdi,

    /// <summary>ISO 9660 or UDF.</summary>
    Iso,

    /// <summary>A LUKS container.</summary>
    Luks,

    /// <summary>Parallels' expandable disk, which Glance calls ploop.</summary>
    Ploop,
}
