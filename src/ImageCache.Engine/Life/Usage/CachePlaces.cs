using ImageCache.Engine.Native.Posix;
using ImageCache.Engine.Store;

namespace ImageCache.Engine.Life.Usage;

/// <summary>
/// Finds what files of the cache a path names, link by link. The last file itself is never looked at: behind a link of ours is a
/// volume, and who serves it may not answer. For one scan.
/// </summary>
internal sealed class CachePlaces
{
    private const int MostLinks = 40;

    private readonly Dictionary<string, CachePlace> _places = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string?> _directories = new(StringComparer.Ordinal);
    private readonly string _cache;
    private readonly string _targets;
    private readonly string _temporary;
    private readonly LinkedVolumes _volumes;

    public CachePlaces(CacheLayout layout)
    {
        _cache = Resolved(layout.CachePath) ?? layout.CachePath;
        _targets = Resolved(layout.TargetsPath) ?? layout.TargetsPath;
        _temporary = Path.Join(_cache, CacheLayout.PrivateName, CacheLayout.TemporaryName) + "/";
        _volumes = new LinkedVolumes(_cache);
    }

    /// <summary>Looks where a path leads.</summary>
    /// <exception cref="IOException">That cannot be told.</exception>
    public CachePlace Of(string path)
    {
        if (!_places.TryGetValue(path, out CachePlace? place))
        {
            _places[path] = place = Follow(path);
        }

        return place;
    }

    /// <summary>Whether a path without links is that of something in the cache directory.</summary>
    public bool IsBelowCache(string path) => path.StartsWith(_cache + "/", StringComparison.Ordinal);

    /// <summary>The base file that a view of a volume belongs to.</summary>
    public string? BaseOfView(string view) => _volumes.BaseOf(view);

    private CachePlace Follow(string path)
    {
        List<string> names = [];
        bool isInCache = false;
        bool isLinkOfCache = false;
        string current = path;
        for (int links = 0; links < MostLinks; links++)
        {
            string name = Path.GetFileName(current);
            string? directory = Resolved(Path.GetDirectoryName(current) ?? "/");
            isInCache = directory is not null && (directory == _cache || directory == _targets);
            if (directory?.StartsWith(_temporary, StringComparison.Ordinal) == true)
            {
                // What is only just being fetched is nobody's disk.
                return new CachePlace(names, true, false);
            }

            if (isInCache || CacheFileNames.IsOne(name))
            {
                names.Add(name);
            }

            if (directory is null)
            {
                return new CachePlace(names, false, isLinkOfCache);
            }

            current = Path.Join(directory, name);
            if (LinkPath.TryRead(current) is not { } target)
            {
                break;
            }

            isLinkOfCache |= isInCache;
            current = target.StartsWith('/') ? target : $"{directory}/{target}";
        }

        isLinkOfCache &= !isInCache;
        if (!isInCache && !isLinkOfCache && _volumes.BaseOf(current) is { } linked)
        {
            names.Add(linked);
            isLinkOfCache = true;
        }

        return new CachePlace(names, isInCache, isLinkOfCache);
    }

    private string? Resolved(string directory)
    {
        if (!_directories.TryGetValue(directory, out string? resolved))
        {
            _directories[directory] = resolved = LinkPath.TryResolve(directory);
        }

        return resolved;
    }
}
