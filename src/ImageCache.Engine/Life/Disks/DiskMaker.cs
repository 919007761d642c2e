using System.Globalization;
using ImageCache.Engine.Fetch;
using ImageCache.Engine.Formats;
using ImageCache.Engine.Native.Posix;
using ImageCache.Engine.Requests;
using ImageCache.Engine.Store;

namespace ImageCache.Engine.Life.Disks;

/// <summary>
/// Makes instance disks on base images that are here; no service is asked but for a flavor. The base file's lock is held all the while, so
/// that neither nova's cleaner nor ours takes the file from under a disk that is being made.
/// </summary>
internal sealed class DiskMaker(
    CacheDirectory directory, CacheLister lister, CacheReader cache, BaseTrust trust, BaseFormat formats, TargetMaker targets, DiskWriter writer, FlavorSizes flavors, BaseImageView view, EventLog events, TimeProvider time)
{
    /// <summary>Says what would be made, and refuses what cannot be told without reading the base file.</summary>
    public async Task<DiskPlan> PlanAsync(DiskRequest request, CancellationToken cancellationToken)
    {
        RequireSensible(request);
        directory.RequireReadable();
        CacheEntry entry = directory.Guard(() => lister.RequireOne(request.Image));
        long? size = request.Flavor is { } flavor ? await flavors.FindAsync(flavor, cancellationToken).ConfigureAwait(false) : request.Size;
        BaseImage image = view.Of(entry, inUse: null);
        if (image.VirtualSize is { } virtualSize)
        {
            _ = DiskSize.Decide(size, virtualSize, entry.Record?.Descriptor.MinDisk, Subject(entry));
        }

        string path = DiskPlace.PathOf(request, directory.Layout);
        bool replaces = DiskPlace.Look(request, directory.Layout);
        return new DiskPlan(request with { Size = size, Flavor = null }, image, path, replaces);
    }

    /// <summary>Makes what was planned, looking again under the lock.</summary>
    public async Task<InstanceDisk> CreateAsync(DiskPlan plan, OperationMonitor monitor, CancellationToken cancellationToken)
    {
        using WorkProgress progress = monitor.Begin(plan.Image.Name ?? plan.Image.Path);
        FetchStep step = new(new FetchRequest { Image = plan.Image.Id, RequireSignature = plan.Request.RequireSignature }, progress, monitor);
        directory.RequireWritable();
        using DiskPlace place = DiskPlace.Open(plan.Request with { Path = plan.Path, InstanceId = null }, directory.Layout);
        try
        {
            return await CreateLockedAsync(plan, place, step, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Fault(e, plan);
        }
    }

    private async Task<InstanceDisk> CreateLockedAsync(DiskPlan plan, DiskPlace place, FetchStep step, CancellationToken cancellationToken)
    {
        string baseName = Path.GetFileName(plan.Image.Path);
        using BaseFileLock held = await BaseFileLock
            .AcquireAsync(directory.Layout.LockPath(baseName), () => step.Progress.Enter(WorkStage.Waiting), cancellationToken)
            .ConfigureAwait(false);
        CacheEntry entry = cache.Find(baseName) ?? throw new NotFoundException(
            ErrorIds.ImageNotCached, $"'{plan.Image.Path}' is gone.", plan.Image.Id, "Fetch it again: Invoke-ImageFetch (imagecache fetch).");
        DiskBase @base = await ProveAsync(entry, step, cancellationToken).ConfigureAwait(false);
        long? size = DiskSize.Decide(plan.Request.Size, @base.VirtualSize, @base.Entry.Record?.Descriptor.MinDisk, @base.Image);
        InstanceDisk disk = await WriteAsync(plan, place, @base, size, step, cancellationToken).ConfigureAwait(false);
        events.Append(events.New("diskMade") with { ImageId = disk.ImageId, Name = disk.Name, Path = disk.Path, Method = disk.Format.ToString(), Bytes = disk.VirtualSize });
        return disk;
    }

    private async Task<DiskBase> ProveAsync(CacheEntry entry, FetchStep step, CancellationToken cancellationToken)
    {
        // The format first: what cannot be a base is not noted as used.
        step.Progress.Enter(WorkStage.Verifying);
        await trust.RequireReachableAsync(entry, cancellationToken).ConfigureAwait(false);
        DiskBase proven = await formats.ProveAsync(entry, cancellationToken).ConfigureAwait(false);
        return proven with { Entry = await trust.RequireAsync(entry, step, cancellationToken).ConfigureAwait(false) };
    }

    private async Task<InstanceDisk> WriteAsync(DiskPlan plan, DiskPlace place, DiskBase @base, long? size, FetchStep step, CancellationToken cancellationToken)
    {
        InstanceDisk disk = Describe(plan, @base, size);
        string? target = plan.Request.UseTarget
            ? await targets.EnsureAsync(@base, disk.VirtualSize, cancellationToken).ConfigureAwait(false)
            : null;
        using DiskDraft draft = DiskDraft.Create(place.Directory, place.FullPath);
        if (disk.Format == InstanceDiskFormat.Raw)
        {
            disk = disk with { CopyMethod = await writer.WriteCopyAsync(@base, disk.VirtualSize, draft.Handle, step.Progress, cancellationToken).ConfigureAwait(false) };
        }
        else
        {
            OverlayRequest overlay = target is null
                ? new OverlayRequest(@base.Image, place.FullPath, @base.Entry.Path, @base.Format) { ClusterSize = @base.ClusterSize, Size = size }
                : new OverlayRequest(@base.Image, place.FullPath, target, "qcow2") { ClusterSize = @base.ClusterSize };
            await writer.WriteOverlayAsync(overlay, draft.Handle, step.Progress, cancellationToken).ConfigureAwait(false);
            disk = disk with { Target = target, BackingFile = overlay.BackingFile, BackingFormat = overlay.BackingFormat };
        }

        step.Progress.Enter(WorkStage.Publishing);
        cancellationToken.ThrowIfCancellationRequested();
        place.Take(draft);
        FileStatus made = place.Status();
        return disk with { Size = made.Size, AllocatedSize = made.Allocated };
    }

    private InstanceDisk Describe(DiskPlan plan, DiskBase @base, long? size) => new()
    {
        ImageId = @base.Entry.Record?.Id ?? plan.Image.Id,
        Name = @base.Entry.Record?.Descriptor.Name,
        Node = Environment.MachineName,
        Path = plan.Path,
        Format = plan.Request.Format,
        VirtualSize = size ?? DiskSize.InSectors(@base.VirtualSize),
        Base = @base.Entry.Path,
        CreatedAt = time.GetUtcNow(),
    };

    private static void RequireSensible(DiskRequest request)
    {
        string? why = request switch
        {
            { UseTarget: true, Format: InstanceDiskFormat.Raw } => "a raw disk stands alone, and has no target",
            { Size: not null, Flavor: not null } => "its size is said by a number and by a flavor",
            { Path: not null, InstanceId: not null } => "its place is said by a path and by an instance",
            _ => null,
        };
        if (why is not null)
        {
            throw new InvalidInputException(ErrorIds.InvalidReference, $"A disk on image '{request.Image}' cannot be made so: {why}.", request.Image);
        }
    }

    private UnavailableException Fault(Exception e, DiskPlan plan) => e is IOException io && PosixError.IsNoSpace(io)
        ? new UnavailableException(
            ErrorIds.DiskFull,
            string.Create(CultureInfo.InvariantCulture, $"The disk '{plan.Path}' cannot be made: there is no room left. Nothing of it was kept."),
            plan.Image.Id,
            "Free some space on the file system of the instances.",
            e,
            FailureCategory.ResourceUnavailable)
        : new UnavailableException(
            ErrorIds.DiskPathUnavailable, $"The disk '{plan.Path}' cannot be made: {e.Message}", plan.Image.Id,
            $"Check the directory, its owner and its file system, and those of the cache '{directory.Layout.CachePath}'.", e, FailureCategory.ResourceUnavailable);

    private static string Subject(CacheEntry entry) => entry.Record?.Id ?? entry.BaseName;
}
