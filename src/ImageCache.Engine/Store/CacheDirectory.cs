using ImageCache.Engine.Native.Posix;

namespace ImageCache.Engine.Store;

/// <summary>Sees to it that the directories of a cache are there, with the owner that <c>_base</c> has.</summary>
internal sealed class CacheDirectory(CacheLayout layout, bool mayCreate)
{
    private const UnixFileMode Shared =
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute
        | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;

    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    public CacheLayout Layout => layout;

    /// <summary>Checks that the cache can be read.</summary>
    /// <exception cref="UnavailableException">It is missing, not a directory, or cannot be looked at.</exception>
    public FileStatus RequireReadable()
    {
        try
        {
            FileStatus? status = FileStatus.OfPath(layout.CachePath, follow: true);
            if (status is null && mayCreate)
            {
                Create();
                status = FileStatus.OfPath(layout.CachePath, follow: true);
            }

            return status switch
            {
                { IsDirectory: true } directory => directory,
                null => throw Missing(),
                _ => throw Unusable("it is not a directory", null),
            };
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Unusable(e.Message, e);
        }
    }

    /// <summary>Checks that the cache can be written, and makes the directories of ours and the locks'.</summary>
    /// <exception cref="UnavailableException">It is missing or cannot be written.</exception>
    public void RequireWritable()
    {
        FileStatus owner = RequireReadable();
        try
        {
            EnsureDirectory(layout.PrivatePath, Shared, owner);
            EnsureDirectory(layout.RecordsPath, Shared, owner);
            EnsureDirectory(layout.TemporaryPath, Private, owner);
            EnsureDirectory(layout.QuarantinePath, Private, owner);
            EnsureDirectory(layout.TargetsPath, Shared, owner);
            EnsureDirectory(layout.LocksPath, Shared, owner);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Unusable(e.Message, e);
        }
    }

    /// <summary>Whether the cache directory is missing, and would be made.</summary>
    public bool WouldCreate(bool wanted) => (wanted || mayCreate) && !Directory.Exists(layout.CachePath);

    /// <summary>Makes the cache directory and its parents.</summary>
    /// <returns>Whether it was missing.</returns>
    public bool Create()
    {
        if (Directory.Exists(layout.CachePath))
        {
            return false;
        }

        try
        {
            FileStatus? parent = FileStatus.OfPath(layout.InstancesPath, follow: true);
            Directory.CreateDirectory(layout.CachePath, Shared);
            if (parent is { IsDirectory: true } owner)
            {
                FileOwner.Adopt(layout.CachePath, owner);
            }

            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Unusable(e.Message, e);
        }
    }

    /// <summary>Turns an I/O error in the cache into the error that users see.</summary>
    public UnavailableException Unusable(string reason, Exception? cause, string? imageId = null) => new(
        ErrorIds.CacheUnavailable,
        $"The cache directory '{layout.CachePath}' cannot be used: {reason.TrimEnd('.')}.",
        imageId,
        "Check the path, its owner and its file system; run as the user that owns it (nova on a compute node) or as root.",
        cause,
        FailureCategory.ResourceUnavailable);

    /// <summary>Does work in the cache; an I/O error of its file system becomes the error that users see.</summary>
    public async Task<T> GuardAsync<T>(Func<Task<T>> work, string? imageId = null)
    {
        try
        {
            return await work().ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Unusable(e.Message, e, imageId);
        }
    }

    /// <summary>The same for what is enumerated.</summary>
    public IEnumerable<T> Guard<T>(IEnumerable<T> items)
    {
        using IEnumerator<T> each = items.GetEnumerator();
        while (Guard(each.MoveNext))
        {
            yield return each.Current;
        }
    }

    /// <summary>The same for work that is done at once.</summary>
    public T Guard<T>(Func<T> work)
    {
        try
        {
            return work();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Unusable(e.Message, e);
        }
    }

    private UnavailableException Missing() => new(
        ErrorIds.CacheUnavailable,
        $"The cache directory '{layout.CachePath}' does not exist.",
        nextStep: "Mount it or name another one; 'imagecache init --create' (Initialize-ImageCache -Create) makes it.",
        category: FailureCategory.ResourceUnavailable);

    private static void EnsureDirectory(string path, UnixFileMode mode, in FileStatus owner)
    {
        if (FileStatus.OfPath(path) is { } there)
        {
            if (!there.IsDirectory)
            {
                // A symbolic link here would let somebody redirect what we write.
                throw new IOException($"'{path}' is not a directory");
            }

            return;
        }

        Directory.CreateDirectory(path, mode);
        FileOwner.Adopt(path, owner);
    }
}
