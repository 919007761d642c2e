using ImageCache.Engine.Life.Usage;
using ImageCache.Engine.Store;

namespace ImageCache.Engine.Life.Popularity;

/// <summary>The disks that a scan saw, by identity.</summary>
/// <param name="DisksByBase">The marks of the disks above each image's base file.</param>
/// <param name="IsComplete">Whether every disk could be read.</param>
internal sealed record DiskSightings(IReadOnlyDictionary<string, IReadOnlySet<ulong>> DisksByBase, bool IsComplete)
{
    private const int BaseNameLength = 40;

    /// <summary>Turns what a scan told into marks. What is above a resized copy or a target of an image is above the image.</summary>
    public static DiskSightings In(UsageReport usage, CacheLayout layout)
    {
        Dictionary<string, IReadOnlySet<ulong>> disks = new(StringComparer.Ordinal);
        foreach ((string name, IReadOnlyList<string> users) in usage.UsedBy)
        {
            if (BaseOf(name) is not { } baseName)
            {
                continue;
            }

            HashSet<ulong> marks = (HashSet<ulong>?)disks.GetValueOrDefault(baseName) ?? [];
            marks.UnionWith(users.Where(user => IsDisk(user, layout)).Select(DiskMarks.Of).OfType<ulong>());
            if (marks.Count > 0)
            {
                disks[baseName] = marks;
            }
        }

        return new DiskSightings(disks, usage.Unreadable.Count == 0);
    }

    // A target in the cache is no use of its own, nor is a process.
    private static bool IsDisk(string user, CacheLayout layout)
        => Path.IsPathRooted(user) && !user.StartsWith(layout.CachePath + "/", StringComparison.Ordinal);

    // nova names resized copies sha1_size, and we targets sha1.bytes.
    private static string? BaseOf(string name)
        => name.Length >= BaseNameLength
            && CacheLayout.IsBaseName(name[..BaseNameLength])
            && (name.Length == BaseNameLength || name[BaseNameLength] is '_' or '.')
                ? name[..BaseNameLength]
                : null;
}
