using ImageCache.Engine.Native.Posix;
using ImageCache.Engine.Store;

namespace ImageCache.Engine.Life.Usage;

/// <summary>
/// Where the links of a cache lead. Most nodes never need to know: all links are read when the first file outside of the
/// cache turns up in a chain or in a process.
/// </summary>
internal sealed class LinkedVolumes(string cachePath)
{
    private readonly Lazy<Dictionary<string, string>> _bases = new(() => Read(cachePath));

    /// <summary>The name of the base file that leads to a file.</summary>
    public string? BaseOf(string path) => _bases.Value.GetValueOrDefault(path);

    private static Dictionary<string, string> Read(string cachePath)
    {
        Dictionary<string, string> bases = new(StringComparer.Ordinal);
        if (!Directory.Exists(cachePath))
        {
            return bases;
        }

        foreach (string name in CacheReader.NamesIn(cachePath))
        {
            if (LinkPath.TryRead(Path.Join(cachePath, name)) is { } target)
            {
                string full = target.StartsWith('/') ? target : $"{cachePath}/{target}";
                bases[full] = name;
                string? directory = LinkPath.TryResolve(Path.GetDirectoryName(full) ?? "/");
                bases[Path.Join(directory ?? Path.GetDirectoryName(full), Path.GetFileName(full))] = name;
            }
        }

        return bases;
    }
}
