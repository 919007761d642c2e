using ImageCache.Engine.Formats;
using ImageCache.Engine.Native.Posix;
using ImageCache.Engine.Store;
using Microsoft.Win32.SafeHandles;

namespace ImageCache.Engine.Life.Disks;

/// <summary>Has qemu-img make a copy-on-write disk in a private directory, and looks at what came out.</summary>
internal sealed class OverlayMaker(QemuImg qemuImg)
{
    private const string Name = "overlay";

    /// <summary>Makes one.</summary>
    /// <returns>It, open; the path is the private directory's.</returns>
    public async Task<SafeFileHandle> MakeAsync(OverlayRequest overlay, TemporaryDirectory temporary, CancellationToken cancellationToken)
    {
        string path = PathIn(temporary);
        await qemuImg.CreateOverlayAsync(overlay with { Path = path }, cancellationToken).ConfigureAwait(false);
        SafeFileHandle handle = OpenFile.Open(path, OpenFile.ReadWrite | OpenFile.NoFollow);
        try
        {
            QemuImageInfo seen = await qemuImg.InfoAsync(path, overlay.Image, cancellationToken).ConfigureAwait(false);
            Require(seen, overlay);
            return handle;
        }
        catch
        {
            handle.Dispose();
            throw;
        }
    }

    /// <summary>Where it is made.</summary>
    public static string PathIn(TemporaryDirectory temporary) => temporary.PathOf(Name);

    private static void Require(QemuImageInfo seen, OverlayRequest overlay)
    {
        bool isRight = seen.Format == "qcow2" && seen.BackingFile == overlay.BackingFile && seen.BackingFormat == overlay.BackingFormat
            && seen.DataFile is null && (overlay.Size ?? seen.VirtualSize) == seen.VirtualSize;
        if (!isRight)
        {
            throw new UnavailableException(
                ErrorIds.ToolFailed, $"qemu-img made another disk on image '{overlay.Image}' than it was asked for.", overlay.Image,
                category: FailureCategory.ResourceUnavailable);
        }
    }
}
