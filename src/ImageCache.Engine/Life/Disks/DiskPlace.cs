using ImageCache.Engine.Formats;
using ImageCache.Engine.Native.Posix;
using ImageCache.Engine.Requests;
using ImageCache.Engine.Store;
using Microsoft.Win32.SafeHandles;

namespace ImageCache.Engine.Life.Disks;

/// <summary>
/// The place for a disk: a directory that is held open, and a name in it. Links may lead to the directory; the name itself must be free,
/// or a regular file that may be replaced and that nobody has in use.
/// </summary>
internal sealed class DiskPlace : IDisposable
{
    private readonly string _image;
    private readonly bool _force;
    private SafeFileHandle? _replaced;

    private DiskPlace(string path, HeldDirectory directory, string image, bool force)
    {
        FullPath = path;
        Name = Path.GetFileName(path);
        Directory = directory;
        _image = image;
        _force = force;
    }

    public string FullPath { get; }

    public string Name { get; }

    public HeldDirectory Directory { get; }

    /// <summary>Where a request wants its disk.</summary>
    /// <exception cref="InvalidInputException">That cannot be a place for one.</exception>
    public static string PathOf(DiskRequest request, CacheLayout layout)
    {
        if (request.InstanceId is { } id)
        {
            return Guid.TryParseExact(id, "D", out Guid instance)
                ? Path.Join(layout.InstancesPath, instance.ToString("D"), "disk")
                : throw new InvalidInputException(ErrorIds.InvalidReference, $"'{id}' is no id of an instance.", request.Image, "Name its UUID.");
        }

        if (request.Path is not { Length: > 0 } path || Path.EndsInDirectorySeparator(path) || path.Contains('\0', StringComparison.Ordinal))
        {
            throw Invalid(request.Path ?? string.Empty, request.Image, "is no name of a file");
        }

        return Path.GetFullPath(path);
    }

    /// <summary>Opens the place, and looks whether it can take a disk.</summary>
    /// <exception cref="ImageCacheException">It cannot.</exception>
    public static DiskPlace Open(DiskRequest request, CacheLayout layout)
    {
        string path = PathOf(request, layout);
        HeldDirectory directory = Reach(path, request);
        DiskPlace place = new(path, directory, request.Image, request.Force);
        try
        {
            RequireOutsideCache(directory, path, request.Image, layout);
            place.RequireFree();
            return place;
        }
        catch
        {
            place.Dispose();
            throw;
        }
    }

    /// <summary>Looks whether a place can take a disk, and changes nothing.</summary>
    /// <returns>Whether there is a file that would be replaced.</returns>
    /// <exception cref="ImageCacheException">It cannot.</exception>
    public static bool Look(DiskRequest request, CacheLayout layout)
    {
        if (request.CreateDirectory && FileStatusOrNull(Path.GetDirectoryName(PathOf(request, layout)) ?? "/") is null)
        {
            return false;
        }

        using DiskPlace place = Open(request with { CreateDirectory = false }, layout);
        return place.Replaces;
    }

    /// <summary>Whether there is a file that would be replaced.</summary>
    public bool Replaces => _replaced is not null;

    /// <summary>Gives a finished draft the name.</summary>
    /// <exception cref="PolicyException">Somebody else was first.</exception>
    public void Take(DiskDraft draft)
    {
        if (!draft.Publish(Name, Replaces))
        {
            throw Exists();
        }
    }

    public FileStatus Status() => FileStatus.OfPath(Directory.PathOf(Name)) ?? throw new IOException($"'{FullPath}' is gone");

    public void Dispose()
    {
        if (_replaced is not null)
        {
            RecordLock.Release(_replaced);
            _replaced.Dispose();
        }

        Directory.Dispose();
    }

    private static HeldDirectory Reach(string path, DiskRequest request)
    {
        string parent = Path.GetDirectoryName(path) ?? throw Invalid(path, request.Image, "is no name of a file");
        try
        {
            if (request.CreateDirectory && FileStatus.OfPath(parent, follow: true) is null)
            {
                MakeDirectory(parent);
            }

            return HeldDirectory.Reach(parent);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UnavailableException(
                ErrorIds.DiskPathUnavailable,
                $"The disk '{path}' cannot be made: {e.Message}",
                request.Image,
                FileStatusOrNull(parent) is null ? "Make the directory first, or let it be made: -CreateDirectory (--create-directory)." : "Check the directory and its owner.",
                e,
                FailureCategory.ResourceUnavailable);
        }
    }

    private static FileStatus? FileStatusOrNull(string path)
    {
        try
        {
            return FileStatus.OfPath(path, follow: true);
        }
        catch (IOException)
        {
            return null;
        }
    }

    // One level: whoever mistypes a path does not want a tree.
    private static void MakeDirectory(string path)
    {
        using HeldDirectory above = HeldDirectory.Reach(Path.GetDirectoryName(path) ?? "/");
        string name = Path.GetFileName(path);
        System.IO.Directory.CreateDirectory(above.PathOf(name));
        FileOwner.Adopt(above.PathOf(name), above.Status);
    }

    // A base file is replaced by a fetch only, and nova would take a disk among them for one.
    private static void RequireOutsideCache(HeldDirectory directory, string path, string image, CacheLayout layout)
    {
        using HeldDirectory cache = HeldDirectory.Reach(layout.CachePath);
        string real = directory.RealPath;
        if (real == cache.RealPath || real.StartsWith(cache.RealPath + "/", StringComparison.Ordinal))
        {
            throw Invalid(path, image, "lies in the cache, where base images are");
        }
    }

    private void RequireFree()
    {
        FileStatus? there = FileStatus.OfPath(Directory.PathOf(Name));
        if (there is null)
        {
            return;
        }

        if (!there.Value.IsRegular)
        {
            throw Invalid(FullPath, _image, there.Value.IsSymbolicLink ? "is a symbolic link, which is not followed" : "is there already, and is no regular file");
        }

        if (!_force)
        {
            throw Exists();
        }

        _replaced = OpenUnused();
    }

    // qemu holds record locks on the bytes of a disk that it has open (QEMU, block/file-posix.c); a lock on the whole file collides with each.
    private SafeFileHandle OpenUnused()
    {
        SafeFileHandle handle;
        try
        {
            handle = OpenFile.Open(Directory.PathOf(Name), OpenFile.ReadWrite | OpenFile.NoFollow);
        }
        catch (IOException e)
        {
            throw new UnavailableException(
                ErrorIds.DiskPathUnavailable, $"'{FullPath}' cannot be replaced: whether it is in use cannot be told: {e.Message}", _image,
                "Run as its owner or as root.", e, FailureCategory.ResourceUnavailable);
        }

        string? why = RecordLock.TryTake(handle, FullPath)
            ? DiskAbove() is { } above ? $"'{above}' is built on it" : null
            : "a running process has it open, as qemu does with a disk of an instance";
        if (why is null)
        {
            return handle;
        }

        RecordLock.Release(handle);
        handle.Dispose();
        throw new BusyException(
            ErrorIds.DiskInUse, $"'{FullPath}' is not replaced: {why}.", _image, "Shut the instance down first, or name another path.");
    }

    // Snapshots of a disk lie beside it; what cannot be read there is not taken for one.
    private string? DiskAbove() => Directory.Names().FirstOrDefault(name => name != Name && IsOnThis(name));

    private bool IsOnThis(string name)
    {
        try
        {
            if (FileStatus.OfPath(Directory.PathOf(name)) is not { IsRegular: true })
            {
                return false;
            }

            using SafeFileHandle disk = OpenFile.Open(Directory.PathOf(name), OpenFile.ReadOnly | OpenFile.NoFollow);
            return BackingFileReader.Read(disk).BackingFile is { } backing
                && Path.GetFullPath(backing, Path.GetDirectoryName(FullPath)!) is { } below
                && (below == FullPath || below == Path.Join(Directory.RealPath, Name));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private PolicyException Exists() => new(
        ErrorIds.DiskExists, $"'{FullPath}' is there already; it was left alone.", _image,
        "Name another path; -Force (--force) replaces a disk that is not in use.", category: FailureCategory.InvalidOperation);

    private static InvalidInputException Invalid(string path, string image, string why) => new(
        ErrorIds.DiskPathInvalid, $"The disk cannot be made: '{path}' {why}.", image, "Name a file that shall be the disk, such as an instance's directory has: <instances_path>/<uuid>/disk.");
}
