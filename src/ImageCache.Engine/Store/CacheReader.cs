using System.IO.Enumeration;
using ImageCache.Engine.Native.Posix;

namespace ImageCache.Engine.Store;

/// <summary>Looks at the base files of a cache. Nothing is locked: what is seen may be gone a moment later.</summary>
internal sealed class CacheReader(CacheLayout layout, RecordStore records)
{
    /// <summary>Looks at one base file.</summary>
    public CacheEntry? Find(string baseName)
    {
        string path = layout.BasePath(baseName);
        return FileStatus.OfPath(path) is { IsDirectory: false } status
            ? new CacheEntry(baseName, path, status, records.Read(baseName))
            : null;
    }

    /// <summary>All base files, in no order, as the directory is read.</summary>
    public IEnumerable<CacheEntry> All() => Names().Select(Find).OfType<CacheEntry>();

    /// <summary>The names of all base files, in no order, as the directory is read.</summary>
    public IEnumerable<string> Names() => NamesIn(layout.CachePath);

    /// <summary>The same of any cache directory.</summary>
    public static IEnumerable<string> NamesIn(string cachePath)
    {
        // What is not named like a base image costs no further look.
        FileSystemEnumerable<string> names = new(
            cachePath,
            static (ref FileSystemEntry entry) => entry.FileName.ToString(),
            new EnumerationOptions { AttributesToSkip = 0, IgnoreInaccessible = false })
        {
            ShouldIncludePredicate = static (ref FileSystemEntry entry) => entry.FileName.Length == 40,
        };

        return names.Where(CacheLayout.IsBaseName);
    }

    /// <summary>The names of the base files that a user may mean, whether they are here, or only their records.</summary>
    /// <returns>Several when a name is not unique.</returns>
    public IReadOnlyList<string> NamesOf(string reference)
    {
        string byId = CacheLayout.BaseName(reference);
        if (IsKnown(byId))
        {
            return [byId];
        }

        return CacheLayout.IsBaseName(reference) && IsKnown(reference) ? [reference] : [.. RecordedAs(reference)];
    }

    private bool IsKnown(string baseName) => Find(baseName) is not null || records.Read(baseName).State != RecordState.Missing;

    /// <summary>Finds what a user means: an image id, the file's own name, or a recorded name.</summary>
    /// <returns>Several when a name is not unique.</returns>
    public IReadOnlyList<CacheEntry> Resolve(string reference)
    {
        if (Find(CacheLayout.BaseName(reference)) is { } byId)
        {
            return [byId];
        }

        if (CacheLayout.IsBaseName(reference) && Find(reference) is { } byFile)
        {
            return [byFile];
        }

        return [.. RecordedAs(reference).Select(Find).OfType<CacheEntry>()];
    }

    /// <summary>The records of images with this name, whether their file is here or not.</summary>
    public IEnumerable<string> RecordedAs(string imageName)
        => records.Names().Where(name => records.Read(name).Record?.Descriptor.Name == imageName);
}
