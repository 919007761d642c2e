using ImageCache.Engine.Formats;
using ImageCache.Engine.Native.Posix;
using ImageCache.Engine.Store;
using Microsoft.Win32.SafeHandles;

namespace ImageCache.Engine.Life.Disks;

/// <summary>
/// Proves in which format a base file is: our inspector and qemu-img must say the same, and what a record says. nova looks again each time,
/// too, for rules may have been added since the image came (nova/virt/libvirt/utils.py, create_image).
/// </summary>
internal sealed class BaseFormat(FormatPolicy formats, QemuImg qemuImg)
{
    // All that tells raw and qcow2 lies here; other formats are read whole.
    private const int Head = 4 << 20;
    private const int Tail = 64 << 10;
    private const int Piece = 1 << 20;

    /// <summary>Proves.</summary>
    /// <exception cref="VerificationException">The format is not what it should be, or must not be opened.</exception>
    /// <exception cref="PolicyException">The format is not allowed.</exception>
    public async Task<DiskBase> ProveAsync(CacheEntry entry, CancellationToken cancellationToken)
    {
        string image = entry.Record?.Id ?? entry.BaseName;
        if (!entry.HoldsData)
        {
            throw new VerificationException(
                ErrorIds.ForeignFileDiffers, $"No disk is made on '{entry.Path}': it is neither a regular file nor a link of ours.", image,
                "Find out who made it, and remove it.");
        }

        FormatReport report = await Task.Run(() => Inspect(entry, cancellationToken), cancellationToken).ConfigureAwait(false);
        FormatDecision decision = Policy(entry).Decide(report, new FormatClaim(image, entry.Record?.DiskFormat, null));
        QemuImageInfo seen = await qemuImg.InfoAsync(entry.Path, image, cancellationToken).ConfigureAwait(false);
        QemuImg.RequireAgreement(seen, decision, image);
        if (decision.IsEncrypted || seen.IsEncrypted)
        {
            throw new PolicyException(
                ErrorIds.FormatNotAllowed, $"No disk is made on image '{image}': it is encrypted, and its key is nova's to get.", image,
                "Let nova make the instance.");
        }

        if (entry.Record is { } record && !entry.IsLink && record.VirtualSize != seen.VirtualSize && record.VirtualSize != decision.VirtualSize)
        {
            throw new VerificationException(
                ErrorIds.SizeMismatch, $"The base file of image '{image}' is a disk of {seen.VirtualSize} bytes; its record says {record.VirtualSize}.", image,
                "Compare it with its digest: Test-BaseImage (imagecache verify).");
        }

        return new DiskBase(entry, decision.DiskFormat, decision.QemuFormat, seen.VirtualSize, seen.ClusterSize);
    }

    // What was converted on its way into the cache was allowed in its own format.
    private FormatPolicy Policy(CacheEntry entry)
        => entry.Record is { } record ? formats with { AllowedFormats = [.. formats.AllowedFormats, record.DiskFormat] } : formats;

    private static FormatReport Inspect(CacheEntry entry, CancellationToken cancellationToken)
    {
        using SafeFileHandle handle = OpenFile.Open(entry.DataPath, entry.IsLink ? OpenFile.ReadOnly : OpenFile.ReadOnly | OpenFile.NoFollow);
        long length = RandomAccess.GetLength(handle);
        FormatInspector inspector = new();
        long position = Feed(inspector, handle, 0, Math.Min(Head, length), cancellationToken);
        bool isTold = inspector.EarlyReport is not { } early || early.Format is ImageFormat.Raw or ImageFormat.Gpt or ImageFormat.Iso or ImageFormat.Qcow2;
        if (isTold && length - Tail > position)
        {
            inspector.ConsumeZeros(length - Tail - position);
            position = length - Tail;
        }

        Feed(inspector, handle, position, length, cancellationToken);
        return inspector.Complete();
    }

    private static long Feed(FormatInspector inspector, SafeFileHandle handle, long from, long to, CancellationToken cancellationToken)
    {
        byte[] buffer = new byte[Math.Min(Piece, Math.Max(1, to - from))];
        while (from < to)
        {
            cancellationToken.ThrowIfCancellationRequested();
            int count = RandomAccess.Read(handle, buffer.AsSpan(0, (int)Math.Min(buffer.Length, to - from)), from);
            if (count == 0)
            {
                throw new IOException("The base file became shorter while it was read");
            }

            inspector.Consume(buffer.AsSpan(0, count));
            from += count;
        }

        return from;
    }
}
