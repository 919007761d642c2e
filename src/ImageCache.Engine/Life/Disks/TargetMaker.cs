using ImageCache.Engine.Formats;
using ImageCache.Engine.Life.Usage;
using ImageCache.Engine.Native.Posix;
using ImageCache.Engine.Store;
using Microsoft.Win32.SafeHandles;

namespace ImageCache.Engine.Life.Disks;

/// <summary>
/// Keeps targets: disks of one size on a base image, which instance disks of that size share. One is made once, whole, and never written
/// again; it is used only while its base file holds the data that it was made on.
/// </summary>
internal sealed class TargetMaker(
    CacheDirectory directory, BaseFormat formats, OverlayMaker overlays, UsageScanner usage, TemporaryDirectoryFactory temporaries, EventLog events, TimeProvider time)
{
    private const UnixFileMode TargetMode =
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    /// <summary>Sees to it that a base file has a target of a size. The caller holds the base file's lock, and proved the base file.</summary>
    /// <param name="entry">The base file, with its record.</param>
    /// <param name="size">Bytes of the disk.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <returns>The target's path.</returns>
    /// <exception cref="PolicyException">The base file has no record; the size is smaller than its disk.</exception>
    /// <exception cref="BusyException">There is one that does not fit the base file any more, and disks use it.</exception>
    public async Task<string> EnsureAsync(CacheEntry entry, long size, CancellationToken cancellationToken)
        => await EnsureAsync(await formats.ProveAsync(entry, cancellationToken).ConfigureAwait(false), size, cancellationToken).ConfigureAwait(false);

    /// <summary>The same for a base file whose format was proven just now.</summary>
    public async Task<string> EnsureAsync(DiskBase @base, long size, CancellationToken cancellationToken)
    {
        TargetRecord wanted = Describe(@base, size);
        string name = CacheLayout.TargetName(@base.Entry.BaseName, wanted.Size);
        DocumentFile<TargetRecord> document = new(directory.Layout, CacheLayout.TargetsName, name + ".json");
        string path = directory.Layout.TargetPath(@base.Entry.BaseName, wanted.Size);
        switch (Judge(path, document.Read(), wanted, @base.Entry.Path))
        {
            case TargetState.Usable:
                Touch(path);
                return path;
            case TargetState.Stale:
                RemoveUnused(name, path, wanted.ImageId, cancellationToken);
                break;
        }

        await MakeAsync(@base, wanted, name, document, cancellationToken).ConfigureAwait(false);
        return path;
    }

    private TargetRecord Describe(DiskBase @base, long size)
    {
        if (@base.Entry.Record is not { } record)
        {
            throw new PolicyException(
                ErrorIds.VerificationRequired, $"No target is made on '{@base.Entry.Path}': no record tells what its data are, so that a later change could not be told.",
                @base.Image, "Fetch the image (Invoke-ImageFetch, imagecache fetch): that proves the file, or brings another.");
        }

        long sectors = DiskSize.Decide(size, @base.VirtualSize, minDisk: null, @base.Image) ?? DiskSize.InSectors(@base.VirtualSize);
        return TargetRecord.Of(@base.Entry, record, sectors, time.GetUtcNow());
    }

    private static TargetState Judge(string path, DocumentReading<TargetRecord> reading, TargetRecord wanted, string basePath)
    {
        if (FileStatus.OfPath(path) is not { } status)
        {
            return TargetState.Missing;
        }

        bool isKnown = status.IsRegular && reading.Document is { } record && record.IsOn(wanted) && (record.Inode == 0 || record.Inode == status.Inode);
        return isKnown && IsOn(path, basePath, wanted.Size) ? TargetState.Usable : TargetState.Stale;
    }

    private static bool IsOn(string path, string basePath, long size)
    {
        using SafeFileHandle handle = OpenFile.Open(path, OpenFile.ReadOnly | OpenFile.NoFollow);
        byte[] head = new byte[Qcow2Header.Version3Length];
        int count = RandomAccess.Read(handle, head, 0);
        return head.AsSpan(0, count).StartsWith(Qcow2Header.Magic)
            && Qcow2Header.TryRead(head.AsSpan(0, count)) is { } header
            && header.Size == (ulong)size
            && BackingFileReader.Read(handle) is { Unreadable: null, DataFile: null } reference
            && reference.BackingFile == basePath;
    }

    // Its time tells how long ago somebody wanted it.
    private void Touch(string path)
    {
        try
        {
            BaseFileTouch.Apply(path, time.GetUtcNow());
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It is usable all the same.
        }
    }

    private void RemoveUnused(string name, string path, string image, CancellationToken cancellationToken)
    {
        IReadOnlyList<string> users = usage.Scan(cancellationToken).UsersOf(name);
        if (users.Count > 0)
        {
            throw new BusyException(
                ErrorIds.TargetInUse,
                $"The target '{path}' was made on other data than the base file of image '{image}' has now, and disks have it in their chains ({string.Join(", ", users)}); it was left alone.",
                image,
                "Make the disk without a target, or remove those instances first.");
        }

        using HeldDirectory targets = HeldDirectory.Open(directory.Layout, CacheLayout.PrivateName, CacheLayout.TargetsName);
        targets.Remove(name);
        targets.Sync();
        events.Append(events.New("targetRemoved") with { ImageId = image, Path = path, Reason = "its base file has other data now" });
    }

    // The record first: a target without one would be taken for a stale one.
    private async Task MakeAsync(DiskBase @base, TargetRecord wanted, string name, DocumentFile<TargetRecord> document, CancellationToken cancellationToken)
    {
        using TemporaryDirectory temporary = await temporaries.CreateAsync(cancellationToken).ConfigureAwait(false);
        OverlayRequest overlay = new(@base.Image, OverlayMaker.PathIn(temporary), @base.Entry.Path, @base.Format)
        {
            ClusterSize = @base.ClusterSize,
            Size = wanted.Size,
        };
        using SafeFileHandle handle = await overlays.MakeAsync(overlay, temporary, cancellationToken).ConfigureAwait(false);
        string path = directory.Layout.TargetPath(@base.Entry.BaseName, wanted.Size);
        File.SetUnixFileMode(handle, TargetMode);
        FileOwner.Adopt(handle, path, directory.RequireReadable());
        Sync.File(handle, path);
        document.Write(wanted with { Inode = FileStatus.OfHandle(handle, path).Inode }, temporary, durable: true);
        using HeldDirectory targets = HeldDirectory.Open(directory.Layout, CacheLayout.PrivateName, CacheLayout.TargetsName);
        Rename.Replace(OverlayMaker.PathIn(temporary), targets.PathOf(name));
        targets.Sync();
        events.Append(events.New("targetMade") with { ImageId = wanted.ImageId, Path = path, Bytes = wanted.Size });
    }
}
