using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using ImageCache.Engine.Native.Posix;
using ImageCache.Engine.Store;
using Microsoft.Win32.SafeHandles;

namespace ImageCache.Engine.Volumes;

/// <summary>
/// Keeps what this node holds, outside of the cache: a cache may be shared by nodes and belongs to nova, attachments are one node's and
/// are let go by root. The directory is our user's alone to write. The caller holds the base file's lock.
/// </summary>
internal sealed class VolumeHoldStore
{
    private const string Extension = ".json";

    private const UnixFileMode Enterable = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute
        | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;

    private readonly string _documents;

    /// <summary>Names the places; nothing is made yet.</summary>
    /// <param name="statePath">The directory for the volumes of all caches of this node.</param>
    /// <param name="cachePath">The cache.</param>
    public VolumeHoldStore(string statePath, string cachePath)
    {
        CacheKey = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(cachePath)))[..12];
        Root = Path.Join(statePath, CacheKey);
        _documents = Path.Join(Root, "holds");
    }

    /// <summary>What tells this cache from others of the node.</summary>
    public string CacheKey { get; }

    /// <summary>The directory of this cache's volumes.</summary>
    public string Root { get; }

    /// <summary>The directory of an image's view.</summary>
    public string ViewDirectory(string baseName) => Path.Join(Root, "views", baseName);

    /// <summary>The file that a link leads to.</summary>
    public string ViewPath(string baseName) => new ExportFiles(ViewDirectory(baseName)).View;

    /// <summary>The base files for which something is, or may be, held.</summary>
    public IReadOnlyList<string> Names()
        => Directory.Exists(_documents)
            ? [.. Directory.EnumerateFiles(_documents, "*" + Extension).Select(static path => Path.GetFileNameWithoutExtension(path)).Where(CacheLayout.IsBaseName)]
            : [];

    /// <summary>What is held for a base file; <see langword="null"/> when nothing is.</summary>
    /// <exception cref="IOException">The document cannot be read.</exception>
    public VolumeHold? Read(string baseName)
    {
        if (DocumentBytes.ReadIfExists(PathOf(baseName)) is not { } content)
        {
            return null;
        }

        try
        {
            VolumeHold hold = StoredJson.Parse<VolumeHold>(content);
            return CacheLayout.BaseName(hold.ImageId) == baseName && Guid.TryParse(hold.VolumeId, out _)
                && (hold.ClonedFrom is null || Guid.TryParse(hold.ClonedFrom, out _))
                ? hold
                : throw new IOException($"'{PathOf(baseName)}' tells of another image");
        }
        catch (JsonException error)
        {
            throw new IOException($"'{PathOf(baseName)}' is damaged: {error.Message}", error);
        }
    }

    /// <summary>Keeps what is held, on the disk when this returns.</summary>
    public void Write(VolumeHold hold)
    {
        Directory.CreateDirectory(_documents, Enterable);
        Directory.CreateDirectory(Path.Join(Root, "views"), Enterable);
        string path = PathOf(CacheLayout.BaseName(hold.ImageId));
        string draft = path + ".new";
        File.Delete(draft);
        using (SafeFileHandle file = OpenFile.Open(
            draft, OpenFile.ReadWrite | OpenFile.Create | OpenFile.Exclusive | OpenFile.NoFollow, UnixFileMode.UserRead | UnixFileMode.UserWrite))
        {
            RandomAccess.Write(file, StoredJson.Write(hold), 0);
            Sync.File(file, draft);
        }

        Rename.Replace(draft, path);
        Sync.Directory(_documents);
    }

    /// <summary>Forgets; nothing is no error.</summary>
    public void Delete(string baseName)
    {
        if (File.Exists(PathOf(baseName)))
        {
            File.Delete(PathOf(baseName));
            Sync.Directory(_documents);
        }
    }

    private string PathOf(string baseName) => Path.Join(_documents, baseName + Extension);
}
