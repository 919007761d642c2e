using ImageCache.Engine.Configuration;

namespace ImageCache.Engine.Formats;

/// <summary>
/// Decides whether an image may be used as what it is said to be. The rules are nova's: the bytes must be in the claimed format and in
/// no other, and must not reach for anything outside themselves. Pure.
/// </summary>
internal sealed record FormatPolicy
{
    // Containers whose bytes are not the disk.
    private static readonly string[] WrappedContainers = ["ova", "docker", "compressed"];

    /// <summary>Glance's words for the formats that may be fetched.</summary>
    public required IReadOnlyCollection<string> AllowedFormats { get; init; }

    /// <summary>VMDK create types that may be opened, as nova's vmdk_allowed_types; only self-contained ones are ever accepted.</summary>
    public required IReadOnlyCollection<string> VmdkAllowedTypes { get; init; }

    /// <summary>The largest virtual size in bytes; <see langword="null"/> sets no limit.</summary>
    public long? MaximumVirtualSize { get; init; }

    /// <summary>The policy of a configuration.</summary>
    public static FormatPolicy From(ImageCacheConfiguration configuration) => new()
    {
        AllowedFormats = configuration.AllowedFormats,
        VmdkAllowedTypes = configuration.VmdkAllowedTypes,
        MaximumVirtualSize = configuration.MaximumVirtualSize,
    };

    /// <summary>Refuses a claim that cannot be accepted whatever the bytes are.</summary>
    /// <exception cref="PolicyException">The format or the container is not allowed.</exception>
    public void CheckClaim(FormatClaim claim)
    {
        if (claim.ContainerFormat is { } container && WrappedContainers.Contains(container, StringComparer.OrdinalIgnoreCase))
        {
            throw new PolicyException(
                ErrorIds.FormatNotAllowed,
                $"Image '{claim.Image}' has container_format {container}: its data are not a disk but hold one.",
                claim.Image,
                "Upload the disk itself, with container_format bare.");
        }

        if (claim.DiskFormat is { } word)
        {
            RequireAllowed(claim, word);
            if (!DiskFormatNames.TryParse(word, out _))
            {
                throw new PolicyException(
                    ErrorIds.FormatNotAllowed,
                    $"Image '{claim.Image}' has disk_format {word}, which ImageCache does not know.",
                    claim.Image,
                    "Upload it with one of the disk formats raw, qcow2, vmdk, vhd, vhdx, vdi, iso or luks.");
            }
        }
    }

    /// <summary>
    /// Refuses as soon as what is known of the stream rules it out, so that a transfer need not go on. What is not known yet is not judged.
    /// </summary>
    /// <exception cref="VerificationException">The bytes are in another format than claimed, or unsafe.</exception>
    /// <exception cref="PolicyException">The format or the size is not allowed.</exception>
    public void CheckEarly(FormatReport report, FormatClaim claim)
    {
        CheckClaim(claim);
        ImageFormat format = RequireOneFormat(report, claim);
        RequireMatch(report, claim, format);
        RequireAllowed(claim, claim.DiskFormat ?? EffectiveWord(format));
        RequireSafe(report, claim);
        RequireSize(report, claim);
    }

    /// <summary>Says what the image is to be handled as.</summary>
    /// <exception cref="VerificationException">The bytes are in another format than claimed, or unsafe.</exception>
    /// <exception cref="PolicyException">The format or the size is not allowed.</exception>
    public FormatDecision Decide(FormatReport report, FormatClaim claim)
    {
        if (report.Length is not { } length)
        {
            throw new ArgumentException("The stream has not ended.", nameof(report));
        }

        if (length == 0)
        {
            throw new VerificationException(ErrorIds.FormatMismatch, $"Image '{claim.Image}' holds no data.", claim.Image);
        }

        CheckEarly(report, claim);
        ImageFormat format = report.Format!.Value;
        ImageFormat effective = DiskFormatNames.TryParse(claim.DiskFormat, out ImageFormat? claimed) && DiskFormatNames.IsRawData(format)
            ? claimed.Value
            : format;
        effective = effective == ImageFormat.Gpt ? ImageFormat.Raw : effective;
        return new FormatDecision(
            effective, claim.DiskFormat ?? EffectiveWord(format), report.VirtualSize ?? length, report.Primary?.IsEncrypted ?? false);
    }

    private static string EffectiveWord(ImageFormat format) => format == ImageFormat.Gpt ? "raw" : DiskFormatNames.ToGlance(format);

    private static ImageFormat RequireOneFormat(FormatReport report, FormatClaim claim)
        => report.Format ?? throw new VerificationException(
            ErrorIds.UnsafeImage,
            $"Image '{claim.Image}' is {Names(report)} at once.",
            claim.Image,
            "Such data are read differently by different programs. Find out who made the image; do not use it.");

    private static string Names(FormatReport report)
        => string.Join(" and ", report.Detected.Select(static found => DiskFormatNames.ToGlance(found.Format)));

    private static void RequireMatch(FormatReport report, FormatClaim claim, ImageFormat detected)
    {
        if (!DiskFormatNames.TryParse(claim.DiskFormat, out ImageFormat? claimed)
            || IsAcceptable(claim.DiskFormat, claimed.Value, detected))
        {
            return;
        }

        string found = DiskFormatNames.ToGlance(detected);
        string hint = report.EndsInVhdFooter && claimed == ImageFormat.Vhd
            ? " They end in the footer of a fixed VHD, which nova and QEMU take for raw."
            : string.Empty;
        throw new VerificationException(
            ErrorIds.FormatMismatch,
            $"Image '{claim.Image}' has disk_format {claim.DiskFormat}, but its data are {found}.{hint}",
            claim.Image,
            "The disk_format of an image cannot be changed: if the image's maker is trusted, upload it again with the right one.");
    }

    private static bool IsAcceptable(string word, ImageFormat claimed, ImageFormat detected) => word switch
    {
        "raw" => detected is ImageFormat.Raw or ImageFormat.Gpt,
        DiskFormatNames.Ami or DiskFormatNames.Aki or DiskFormatNames.Ari => DiskFormatNames.IsRawData(detected),
        _ => claimed == detected,
    };

    private void RequireAllowed(FormatClaim claim, string word)
    {
        if (!AllowedFormats.Contains(word, StringComparer.OrdinalIgnoreCase))
        {
            throw new PolicyException(
                ErrorIds.FormatNotAllowed,
                $"Image '{claim.Image}' is {word}, and the formats allowed here are {string.Join(", ", AllowedFormats)}.",
                claim.Image,
                "Add the format to allowed_formats in imagecache.yaml if it shall be allowed.");
        }
    }

    private void RequireSafe(FormatReport report, FormatClaim claim)
    {
        // Kernels and ramdisks are no disks: what looks like a partition table is the boot sector of a kernel.
        bool isDisk = claim.DiskFormat is not (DiskFormatNames.Aki or DiskFormatNames.Ari);
        if (report.Primary is not { } found || (found.Format == ImageFormat.Gpt && !isDisk))
        {
            return;
        }

        if (found.Problems.Count > 0)
        {
            throw new VerificationException(
                ErrorIds.UnsafeImage,
                $"Image '{claim.Image}' is refused: it {string.Join("; it ", found.Problems)}.",
                claim.Image,
                "Make a self-contained copy with qemu-img convert, on a machine where its source is trusted, and upload that.");
        }

        if (found.Subformat is { } createType && !VmdkAllowedTypes.Contains(createType, StringComparer.OrdinalIgnoreCase))
        {
            throw new PolicyException(
                ErrorIds.FormatNotAllowed,
                $"Image '{claim.Image}' is a VMDK of type {createType}; allowed here: [{string.Join(", ", VmdkAllowedTypes)}].",
                claim.Image,
                "Add the type to vmdk_allowed_types if it shall be allowed, or upload the image as qcow2 or raw.");
        }
    }

    private void RequireSize(FormatReport report, FormatClaim claim)
    {
        if (report.VirtualSize is { } size && MaximumVirtualSize is { } limit && size > limit)
        {
            throw new PolicyException(
                ErrorIds.ImageTooLarge,
                $"Image '{claim.Image}' is a disk of {size} bytes, and the largest allowed here is {limit} bytes.",
                claim.Image,
                "Raise the limit on virtual sizes if the image shall be allowed.");
        }
    }
}
