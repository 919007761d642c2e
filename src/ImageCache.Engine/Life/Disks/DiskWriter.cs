using ImageCache.Engine.Formats;
using ImageCache.Engine.Native.Posix;
using ImageCache.Engine.Store;
using Microsoft.Win32.SafeHandles;

namespace ImageCache.Engine.Life.Disks;

/// <summary>Writes a disk into a draft: an overlay, or a copy by the cheapest way there is.</summary>
internal sealed class DiskWriter(OverlayMaker overlays, QemuImg qemuImg, TemporaryDirectoryFactory temporaries)
{
    private const string Raw = "raw";

    /// <summary>Writes an overlay.</summary>
    public async Task WriteOverlayAsync(OverlayRequest overlay, SafeFileHandle draft, WorkProgress progress, CancellationToken cancellationToken)
    {
        using TemporaryDirectory temporary = await temporaries.CreateAsync(cancellationToken).ConfigureAwait(false);
        using SafeFileHandle made = await overlays.MakeAsync(overlay, temporary, cancellationToken).ConfigureAwait(false);
        await SparseCopy.RunAsync(made, draft, progress, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Writes a copy, and grows it.</summary>
    /// <param name="base">The base file.</param>
    /// <param name="size">Bytes of the disk.</param>
    /// <param name="draft">Where it is written.</param>
    /// <param name="progress">Where it is counted.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <returns>How the data came there.</returns>
    public async Task<DiskCopyMethod> WriteCopyAsync(DiskBase @base, long size, SafeFileHandle draft, WorkProgress progress, CancellationToken cancellationToken)
    {
        progress.Enter(WorkStage.Transferring, @base.VirtualSize);
        DiskCopyMethod method = @base.Format == Raw
            ? await CopyAsync(@base.Entry, draft, progress, cancellationToken).ConfigureAwait(false)
            : await ConvertAsync(@base, draft, progress, cancellationToken).ConfigureAwait(false);
        if (RandomAccess.GetLength(draft) < size)
        {
            RandomAccess.SetLength(draft, size);
        }

        return method;
    }

    private static async Task<DiskCopyMethod> CopyAsync(CacheEntry entry, SafeFileHandle draft, WorkProgress progress, CancellationToken cancellationToken)
    {
        using SafeFileHandle source = OpenFile.Open(entry.DataPath, entry.IsLink ? OpenFile.ReadOnly : OpenFile.ReadOnly | OpenFile.NoFollow);
        if (FileClone.TryClone(source, draft, entry.Path))
        {
            return DiskCopyMethod.Reflink;
        }

        await SparseCopy.RunAsync(source, draft, progress, cancellationToken).ConfigureAwait(false);
        return DiskCopyMethod.Sparse;
    }

    private async Task<DiskCopyMethod> ConvertAsync(DiskBase @base, SafeFileHandle draft, WorkProgress progress, CancellationToken cancellationToken)
    {
        using TemporaryDirectory temporary = await temporaries.CreateAsync(cancellationToken).ConfigureAwait(false);
        string raw = temporary.PathOf(Raw);
        progress.Enter(WorkStage.Converting, @base.VirtualSize);
        _ = DiskFormatNames.TryParse(@base.DiskFormat, out ImageFormat? format);
        await qemuImg
            .ConvertToRawAsync(new RawConversion(@base.Image, @base.Entry.DataPath, format!.Value, raw, @base.VirtualSize), progress.Set, cancellationToken)
            .ConfigureAwait(false);
        using SafeFileHandle made = OpenFile.Open(raw, OpenFile.ReadOnly | OpenFile.NoFollow);
        if (!FileClone.TryClone(made, draft, raw))
        {
            progress.Enter(WorkStage.Transferring, @base.VirtualSize);
            await SparseCopy.RunAsync(made, draft, progress, cancellationToken).ConfigureAwait(false);
        }

        return DiskCopyMethod.Converted;
    }
}
