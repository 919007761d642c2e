using ImageCache.Engine.Configuration;
using ImageCache.Engine.Native.Posix;
using ImageCache.Engine.Store;

namespace ImageCache.Engine.Diagnostics;

/// <summary>What every method needs of the cache directory and of its file system.</summary>
internal sealed class CacheNeeds(ImageCacheConfiguration configuration, CacheLayout layout)
{
    private const string OtherUser = "Run as the user that owns it (nova on a compute node), or as root.";

    public IReadOnlyList<NodeNeed> All =>
    [
        new("cache-directory", "The cache directory is there.", Present),
        new("cache-writable", "The cache directory can be written.", Writable),
        new("cache-owner", "The cache directory belongs to who runs us, or we are root and give files to its owner.", Owner) { IsRequired = false },
        new("cache-room", "The cache's file system has room.", Room),
        new("one-file-system", "Private files become base files by a rename.", OneFileSystem),
        new("sparse-files", "The cache's file system keeps holes.", () => Try(layout.CachePath, static file => NeedAnswer.Unless(
            file.KeepsHoles() ? null : "it stores holes as zeros: images take their whole size",
            "Put the cache on ext4, XFS, Btrfs or ZFS, or on NFS 4.2."))) { IsRequired = false },
        new("sync", "The cache's file system writes files through (fsync).", () => Try(layout.CachePath, static file =>
        {
            file.Sync();
            return NeedAnswer.Pass();
        })),
        new("locks", "Files beside nova's locks can be locked as nova locks them.", Locks),
    ];

    private FileStatus? Cache => FileStatus.OfPath(layout.CachePath, follow: true);

    private NeedAnswer Present() => Cache switch
    {
        { IsDirectory: true } => NeedAnswer.Pass(layout.CachePath),
        not null => NeedAnswer.Fail($"'{layout.CachePath}' is not a directory", "Name another with cache_path."),
        null when configuration.IsDefaultCachePath => NeedAnswer.Pass($"'{layout.CachePath}' is made with the first image"),
        null => NeedAnswer.Fail($"'{layout.CachePath}' does not exist", "Mount it or name another one; 'imagecache init --create' (Initialize-ImageCache -Create) makes it."),
    };

    private NeedAnswer Writable() => NeedAnswer.Unless(
        new[] { layout.CachePath, layout.PrivatePath, layout.RecordsPath, layout.TemporaryPath, layout.LocksPath }
            .Select(DirectoryAccess.WhyNotWritable).FirstOrDefault(static reason => reason is not null),
        OtherUser);

    private NeedAnswer Owner()
    {
        if (Cache is not { } cache)
        {
            return NotThere();
        }

        uint us = FileOwner.EffectiveUserId();
        return us == 0 ? NeedAnswer.Pass($"user {cache.UserId}; files are given to it")
            : us == cache.UserId ? NeedAnswer.Pass($"user {us}")
            : NeedAnswer.Fail($"it belongs to user {cache.UserId}, and this is user {us}, whose files nova may not be able to use", OtherUser);
    }

    private NeedAnswer Room()
    {
        if (Cache is null)
        {
            return NotThere();
        }

        long free = new DriveInfo(layout.CachePath).AvailableFreeSpace;
        return free > configuration.MinimumFree
            ? NeedAnswer.Pass($"{DisplayText.Size(free)} are free")
            : NeedAnswer.Fail(
                $"{DisplayText.Size(free)} are free, and {DisplayText.Size(configuration.MinimumFree)} must stay free (minimum_free)",
                "Remove base images that nobody uses, or give the file system more room.");
    }

    private NeedAnswer OneFileSystem()
    {
        if (Cache is not { } cache)
        {
            return NotThere();
        }

        string? other = new[] { layout.PrivatePath, layout.TemporaryPath, layout.QuarantinePath }.FirstOrDefault(path => IsElsewhere(path, cache));
        return NeedAnswer.Unless(other is null ? null : $"'{other}' is on another file system than the cache", "Unmount what is mounted there.");
    }

    private static bool IsElsewhere(string path, in FileStatus cache)
        => FileStatus.OfPath(path) is { } status && (status.Identity.Major, status.Identity.Minor) != (cache.Identity.Major, cache.Identity.Minor);

    private NeedAnswer Locks()
        => FileStatus.OfPath(layout.LocksPath) is { IsDirectory: true }
            ? Try(layout.LocksPath, static file => NeedAnswer.Unless(
                file.Excludes() ? null : "a lock that is held can be taken again: locks do not work here",
                "Mount the file system with locks (NFS: without nolock), on every node that shares it."))
            : NeedAnswer.Skipped($"'{layout.LocksPath}' is made with the first image");

    private static NeedAnswer Try(string directory, Func<ScratchFile, NeedAnswer> use)
    {
        if (!Directory.Exists(directory) || DirectoryAccess.WhyNotWritable(directory) is not null)
        {
            return NeedAnswer.Skipped($"'{directory}' cannot be written");
        }

        using ScratchFile file = ScratchFile.In(directory);
        return use(file);
    }

    private static NeedAnswer NotThere() => NeedAnswer.Skipped("the cache directory is not there yet");
}
