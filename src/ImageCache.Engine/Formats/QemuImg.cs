using System.Globalization;
using System.Runtime.CompilerServices;
using ImageCache.Engine.Configuration;

namespace ImageCache.Engine.Formats;

/// <summary>
/// Runs <c>qemu-img</c> on files that the inspector has passed. Paths are absolute, for qemu takes other names for URLs and JSON; a
/// conversion names its format; and both are limited in CPU time, address space, file size and time.
/// </summary>
internal sealed class QemuImg(ImageCacheConfiguration configuration, string executable = "qemu-img")
{
    private const string Package = "qemu-utils";
    private const string Raw = "raw";
    private const long SectorLength = 512;

    // The tables of the largest disk that qemu-img makes, with the smallest clusters.
    private const long LargestEmptyOverlay = 256L << 20;

    // A slow core inflates some 100 MiB a second; this gives it a tenth of that, and the clock ten times as long.
    private const long BytesPerCpuSecond = 10 << 20;
    private static readonly TimeSpan LeastConversionTime = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan MostConversionTime = TimeSpan.FromDays(2);
    private const int ClockPerCpuTime = 10;

    /// <summary>Finds qemu-img.</summary>
    /// <returns>How it tells its version.</returns>
    /// <exception cref="UnavailableException">It is not installed, or does not run.</exception>
    public async Task<string> FindVersionAsync(CancellationToken cancellationToken)
    {
        LimitedCommand command = new()
        {
            Executable = executable,
            Arguments = ["--version"],
            DebianPackage = Package,
            CpuTime = configuration.QemuImgCpuTime,
            AddressSpace = configuration.QemuImgAddressSpace,
            FileSize = 0,
            Timeout = configuration.QemuImgCpuTime * ClockPerCpuTime,
        };
        LimitedProcessResult result = await LimitedProcess.RunAsync(command, cancellationToken).ConfigureAwait(false);
        return result is { ExitCode: 0, TimedOut: false } && result.Output.Split('\n', 2)[0].Trim() is { Length: > 0 and < 200 } line && !line.Any(char.IsControl)
            ? line
            : throw new UnavailableException(
                ErrorIds.ToolFailed,
                $"qemu-img does not tell its version: {result.ExceededLimit ?? result.Complaint}.",
                nextStep: $"Install it again: on Debian and Ubuntu, apt-get install --reinstall {Package}.",
                category: FailureCategory.ResourceUnavailable);
    }

    /// <summary>Tells what qemu-img takes a file for, by its own probing, as nova asks it.</summary>
    /// <param name="path">The file's absolute path.</param>
    /// <param name="image">How messages name the image.</param>
    /// <param name="cancellationToken">Kills it.</param>
    /// <exception cref="UnavailableException">qemu-img is not installed.</exception>
    /// <exception cref="VerificationException">qemu-img cannot read the file within its limits.</exception>
    public async Task<QemuImageInfo> InfoAsync(string path, string image, CancellationToken cancellationToken)
    {
        RequireAbsolute(path);
        LimitedCommand command = new()
        {
            Executable = executable,
            Arguments = ["info", "--output=json", path],
            DebianPackage = Package,
            CpuTime = configuration.QemuImgCpuTime,
            AddressSpace = configuration.QemuImgAddressSpace,
            FileSize = 0,
            Timeout = configuration.QemuImgCpuTime * ClockPerCpuTime,
        };
        LimitedProcessResult result = await LimitedProcess.RunAsync(command, cancellationToken).ConfigureAwait(false);
        if (result.ExitCode != 0 || result.TimedOut)
        {
            throw new VerificationException(
                ErrorIds.UnsafeImage,
                $"qemu-img cannot read image '{image}': {result.ExceededLimit ?? result.Complaint}.",
                image,
                "The image is damaged or hostile. Check it where it was made, and upload it again.");
        }

        return (result.IsOutputCut ? null : QemuImageInfoReader.TryRead(result.Output)) ?? throw new VerificationException(
            ErrorIds.UnsafeImage, $"qemu-img gives no usable answer about image '{image}'.", image);
    }

    /// <summary>Refuses an image that qemu-img sees otherwise than the inspector did.</summary>
    /// <exception cref="VerificationException">They disagree, or qemu-img sees another file behind the image.</exception>
    public static void RequireAgreement(QemuImageInfo info, FormatDecision decision, string image)
    {
        if (info.Format != decision.QemuFormat)
        {
            throw new VerificationException(
                ErrorIds.FormatMismatch,
                $"Image '{image}' is handled as {decision.QemuFormat}, but qemu-img takes it for {info.Format}.",
                image,
                "The disk_format of an image cannot be changed: if the image's maker is trusted, upload it again with the right one.");
        }

        bool namesFiles = info.CreateType is { } type && !VmdkDescriptor.SelfContainedTypes.Contains(type);
        if ((info.BackingFile ?? info.DataFile) is not null || namesFiles || info.IsCorrupt)
        {
            string reason = info.IsCorrupt ? "is marked as corrupt" : "depends on other files";
            throw new VerificationException(
                ErrorIds.UnsafeImage,
                $"Image '{image}' is refused: qemu-img says that it {reason}.",
                image,
                "Make a self-contained copy with qemu-img convert, on a machine where its source is trusted, and upload that.");
        }

        if (!SameSize(info.VirtualSize, decision))
        {
            throw new VerificationException(
                ErrorIds.UnsafeImage,
                $"Image '{image}' tells of a disk of {decision.VirtualSize} bytes, but qemu-img of one of {info.VirtualSize} bytes.",
                image,
                "The image is damaged or hostile. Check it where it was made, and upload it again.");
        }
    }

    /// <summary>
    /// Converts to a sparse raw file, and has qemu-img look at the result. After a failure or a cancellation there is no target, and
    /// no process.
    /// </summary>
    /// <param name="conversion">What to convert.</param>
    /// <param name="reportBytes">Is told how much of the disk is done; from another thread, never after the return.</param>
    /// <param name="cancellationToken">Kills it.</param>
    /// <exception cref="UnavailableException">qemu-img is not installed or failed; the disk is full.</exception>
    /// <exception cref="VerificationException">The image exceeds its limits, or the result is not its raw disk.</exception>
    public async Task ConvertToRawAsync(RawConversion conversion, Action<long> reportBytes, CancellationToken cancellationToken)
    {
        RequireAbsolute(conversion.Source);
        RequireAbsolute(conversion.Target);
        bool done = false;
        try
        {
            await RunWithinRoomAsync(conversion, reportBytes, cancellationToken).ConfigureAwait(false);
            await RequireRawResultAsync(conversion, cancellationToken).ConfigureAwait(false);
            done = true;
        }
        finally
        {
            if (!done)
            {
                File.Delete(conversion.Target);
            }
        }

        reportBytes(conversion.VirtualSize);
    }

    /// <summary>
    /// Makes a copy-on-write disk with the options that nova gives one (nova/virt/libvirt/utils.py, create_image), in the same locale.
    /// </summary>
    /// <exception cref="UnavailableException">qemu-img is not installed or failed; the disk is full.</exception>
    public async Task CreateOverlayAsync(OverlayRequest overlay, CancellationToken cancellationToken)
    {
        RequireAbsolute(overlay.Path);
        RequireAbsolute(overlay.BackingFile);
        List<string> options = [$"backing_file={Quoted(overlay.BackingFile)}", $"backing_fmt={overlay.BackingFormat}"];
        if (overlay.ClusterSize is { } cluster)
        {
            options.Add(string.Create(CultureInfo.InvariantCulture, $"cluster_size={cluster}"));
        }

        LimitedCommand command = new()
        {
            Executable = executable,
            Arguments =
            [
                "create", "-f", "qcow2", "-o", string.Join(',', options), overlay.Path,
                .. overlay.Size is { } size ? [size.ToString(CultureInfo.InvariantCulture)] : Array.Empty<string>(),
            ],
            DebianPackage = Package,
            CpuTime = configuration.QemuImgCpuTime,
            AddressSpace = configuration.QemuImgAddressSpace,
            FileSize = LargestEmptyOverlay,
            Timeout = configuration.QemuImgCpuTime * ClockPerCpuTime,
        };
        LimitedProcessResult result = await LimitedProcess.RunAsync(command, cancellationToken).ConfigureAwait(false);
        if (result.ExitCode != 0 || result.TimedOut)
        {
            throw result.Error.Contains("No space left on device", StringComparison.Ordinal)
                ? new UnavailableException(
                    ErrorIds.DiskFull, $"The disk is full: a disk on image '{overlay.Image}' could not be made.", overlay.Image,
                    "Free some space on the cache's file system.", category: FailureCategory.ResourceUnavailable)
                : new UnavailableException(
                    ErrorIds.ToolFailed, $"qemu-img could not make a disk on image '{overlay.Image}': {result.ExceededLimit ?? result.Complaint}.", overlay.Image,
                    category: FailureCategory.ResourceUnavailable);
        }
    }

    // A compressed image may become a thousand times as large: how much, only the conversion shows.
    private async Task RunWithinRoomAsync(RawConversion conversion, Action<long> reportBytes, CancellationToken cancellationToken)
    {
        RoomWatch room = new(Path.GetDirectoryName(conversion.Target)!, configuration.MinimumFree, cancellationToken);
        await using ConfiguredAsyncDisposable ended = room.ConfigureAwait(false);
        try
        {
            await RunConversionAsync(conversion, reportBytes, room.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (room.IsFull && !cancellationToken.IsCancellationRequested)
        {
            throw new UnavailableException(
                ErrorIds.DiskFull,
                $"The disk is full: as raw, image '{conversion.Image}' would leave less than {configuration.MinimumFree} bytes free (minimum_free).",
                conversion.Image,
                "Free some space on the cache's file system.",
                category: FailureCategory.ResourceUnavailable);
        }
    }

    private async Task RunConversionAsync(RawConversion conversion, Action<long> reportBytes, CancellationToken cancellationToken)
    {
        QemuProgressReader progress = new(percent => reportBytes((long)(conversion.VirtualSize * (decimal)percent / 100)));
        TimeSpan cpuTime = LeastConversionTime + TimeSpan.FromSeconds(conversion.VirtualSize / BytesPerCpuSecond);
        cpuTime = cpuTime < MostConversionTime ? cpuTime : MostConversionTime;
        LimitedCommand command = new()
        {
            Executable = executable,

            // The page cache is used (-t writeback; qemu-img flushes at its end), for the result is read again at once, for its digest.
            Arguments =
            [
                "convert", "-p", "-t", "writeback", "-f", DiskFormatNames.ToQemu(conversion.Format), "-O", Raw,
                conversion.Source, conversion.Target,
            ],
            DebianPackage = Package,
            CpuTime = cpuTime,
            AddressSpace = configuration.QemuImgAddressSpace,
            FileSize = WholeSectors(conversion.VirtualSize),
            Timeout = cpuTime * ClockPerCpuTime,
            OnOutput = output => progress.Read(output.Span),
        };
        LimitedProcessResult result = await LimitedProcess.RunAsync(command, cancellationToken).ConfigureAwait(false);
        if (result.ExitCode != 0 || result.TimedOut)
        {
            throw Failure(conversion.Image, result);
        }
    }

    private async Task RequireRawResultAsync(RawConversion conversion, CancellationToken cancellationToken)
    {
        QemuImageInfo result = await InfoAsync(conversion.Target, conversion.Image, cancellationToken).ConfigureAwait(false);
        if (result.Format != Raw)
        {
            throw new VerificationException(
                ErrorIds.UnsafeImage,
                $"Image '{conversion.Image}' holds a disk that is itself {result.Format}: instances on it could reach files of the host.",
                conversion.Image,
                "Upload the inner image under its own format if its maker is trusted.");
        }

        if (new FileInfo(conversion.Target).Length != WholeSectors(conversion.VirtualSize))
        {
            throw new VerificationException(
                ErrorIds.SizeMismatch,
                $"The raw disk of image '{conversion.Image}' has {result.VirtualSize} bytes instead of {conversion.VirtualSize}.",
                conversion.Image);
        }
    }

    private static ImageCacheException Failure(string image, LimitedProcessResult result)
    {
        if (result.ExceededLimit is { } limit)
        {
            return new VerificationException(
                ErrorIds.UnsafeImage, $"Image '{image}' cannot be converted to raw within its limits: {limit}.", image,
                "The image is damaged or hostile. Check it where it was made, and upload it again.");
        }

        return result.Error.Contains("No space left on device", StringComparison.Ordinal)
            ? new UnavailableException(
                ErrorIds.DiskFull, $"The disk is full: image '{image}' could not be converted to raw.", image,
                "Free some space on the cache's file system.", category: FailureCategory.ResourceUnavailable)
            : new UnavailableException(
                ErrorIds.ToolFailed, $"qemu-img could not convert image '{image}' to raw: {result.Complaint}.", image,
                category: FailureCategory.ResourceUnavailable);
    }

    // In a list of options a comma is written twice (QEMU, util/qemu-option.c).
    private static string Quoted(string value) => value.Replace(",", ",,", StringComparison.Ordinal);

    // A VHD has a size by geometry and one by footer, and qemu-img chooses by the writer's name; ours is the larger. A raw file
    // counts in whole sectors.
    private static bool SameSize(long told, FormatDecision decision)
        => told == WholeSectors(decision.VirtualSize) || told == decision.VirtualSize
            || (decision.Format == ImageFormat.Vhd && told < decision.VirtualSize);

    private static long WholeSectors(long bytes) => (bytes + SectorLength - 1) / SectorLength * SectorLength;

    private static void RequireAbsolute(string path)
    {
        if (!Path.IsPathFullyQualified(path))
        {
            throw new ArgumentException(string.Create(CultureInfo.InvariantCulture, $"'{path}' is not an absolute path."), nameof(path));
        }
    }
}
