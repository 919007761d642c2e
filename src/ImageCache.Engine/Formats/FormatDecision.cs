namespace ImageCache.Engine.Formats;

/// <summary>The format that an image is handled as, after claim and bytes were compared.</summary>
/// <param name="Format">The format; a raw disk with a partition table is <see cref="ImageFormat.Raw"/>.</param>
/// <param name="DiskFormat">Glance's word for it: the claim where there is one.</param>
/// <param name="VirtualSize">Bytes of the disk that an instance would see.</param>
/// <param name="IsEncrypted">Whether the data need a key, so that they cannot be converted.</param>
internal sealed record FormatDecision(ImageFormat Format, string DiskFormat, long VirtualSize, bool IsEncrypted)
{
    /// <summary>qemu-img's word for the format.</summary>
    public string QemuFormat => DiskFormatNames.ToQemu(Format);
}
