using ImageCache.Engine.Formats;

namespace ImageCache.Engine.Life.Usage;

/// <summary>Follows a disk's backing chain down to its end and notes what of the cache is in it.</summary>
internal sealed class ChainFollower(CachePlaces places, DiskHeaders headers, UsageNotes notes)
{
    private const int LongestChain = 256;
    private const string Raw = "raw";

    /// <summary>Follows a disk, whose name in the report is its path. Where the chain cannot be told, it may use anything.</summary>
    public void Follow(in DiskFile disk)
    {
        // Or a guest could keep every base image by a broken header in its raw disk.
        if (TryFollow(disk) is { } doubt && !DiskInfo.SaysRaw(disk.Path))
        {
            notes.Doubt(disk.Path, doubt);
        }
    }

    /// <summary>The same of a disk that a process has open, and with it all that it can be built on: what cannot be told is only a limit.</summary>
    public void FollowOpen(in DiskFile disk)
    {
        if (TryFollow(disk) is { } doubt)
        {
            notes.Limit($"'{disk.Path}', which a process has open, cannot be followed: {doubt}");
        }
    }

    private string? TryFollow(in DiskFile disk)
    {
        try
        {
            if (disk.IsLink)
            {
                CachePlace place = places.Of(disk.Path);
                notes.Use(place.Names, disk.Path);
                if (place.IsLinkOfCache)
                {
                    return null;
                }
            }

            return FollowHeaders(disk);
        }
        catch (IOException e)
        {
            return e.Message;
        }
    }

    private string? FollowHeaders(DiskFile disk)
    {
        DiskFile current = disk;
        for (int level = 0; level < LongestChain; level++)
        {
            BackingReference reference = headers.Of(current);
            if (reference.Unreadable is { } reason)
            {
                return level == 0 ? reason : $"{current.Path}: {reason}";
            }

            if (reference.DataFile is { } data)
            {
                notes.Use(places.Of(Beside(current.Path, data)).Names, disk.Path);
            }

            if (reference.BackingFile is not { } backing)
            {
                return null;
            }

            // What is opened as raw is the end of the chain, whatever is in it.
            string next = Beside(current.Path, backing);
            CachePlace place = places.Of(next);
            notes.Use(place.Names, disk.Path);
            if (reference.BackingFormat == Raw || place.IsLinkOfCache)
            {
                return null;
            }

            current = new DiskFile(next, null, false);
        }

        return $"its backing chain has more than {LongestChain} levels";
    }

    // Not made shorter: the way up from a linked directory is another one than its path says.
    private static string Beside(string disk, string name) => name.StartsWith('/') ? name : $"{Path.GetDirectoryName(disk)}/{name}";
}
