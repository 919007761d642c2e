using System.Globalization;

namespace ImageCache.Engine.Life.Disks;

/// <summary>
/// How large a disk becomes, and what is too small. The rules are nova's: a size of 0 is the image's own, and is not compared with min_disk
/// (nova/compute/api.py, _validate_flavor_image_nostatus; nova/virt/libvirt/imagebackend.py, verify_base_size). Pure.
/// </summary>
internal static class DiskSize
{
    private const long Sector = 512;
    private const long Gibibyte = 1L << 30;

    /// <summary>Decides.</summary>
    /// <param name="wanted">Bytes that were asked for; none or 0 is the image's own size.</param>
    /// <param name="baseSize">Bytes of the base image's disk.</param>
    /// <param name="minDisk">The image's min_disk in GiB, if it is known.</param>
    /// <param name="image">How messages name the image.</param>
    /// <returns>Bytes in whole sectors; <see langword="null"/> when it is the image's own size.</returns>
    /// <exception cref="PolicyException">It is too small.</exception>
    public static long? Decide(long? wanted, long baseSize, long? minDisk, string image)
    {
        if (wanted is null or 0)
        {
            return null;
        }

        if (wanted < 0 || wanted > long.MaxValue - Sector)
        {
            throw new InvalidInputException(
                ErrorIds.InvalidReference, string.Create(CultureInfo.InvariantCulture, $"A disk cannot have {wanted} bytes."), image);
        }

        long size = InSectors(wanted.Value);
        if (size < baseSize)
        {
            throw new PolicyException(
                ErrorIds.DiskSmallerThanImage,
                string.Create(CultureInfo.InvariantCulture, $"A disk of {wanted} bytes is smaller than the disk of image '{image}', which has {baseSize} bytes: it would be cut off."),
                image,
                string.Create(CultureInfo.InvariantCulture, $"Ask for at least {baseSize} bytes, or name no size: the disk then has the image's."));
        }

        if (minDisk is { } least && size / Gibibyte < least)
        {
            throw new PolicyException(
                ErrorIds.DiskSmallerThanMinDisk,
                string.Create(CultureInfo.InvariantCulture, $"A disk of {wanted} bytes is smaller than the {least} GiB that image '{image}' wants (min_disk)."),
                image,
                string.Create(CultureInfo.InvariantCulture, $"Ask for at least {least}GiB, or change the image's min_disk and fetch it again."));
        }

        return size;
    }

    /// <summary>Rounds up to what a disk can have.</summary>
    public static long InSectors(long bytes) => (bytes + Sector - 1) / Sector * Sector;
}
