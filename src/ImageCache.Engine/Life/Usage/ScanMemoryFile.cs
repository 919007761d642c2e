using System.Security.Cryptography;
using ImageCache.Engine.Native.Posix;
using ImageCache.Engine.Store;
using Microsoft.Win32.SafeHandles;

namespace ImageCache.Engine.Life.Usage;

/// <summary>
/// The memory of scans on the disk: <c>.imagecache/usage.&lt;host&gt;</c>, for each node its own, since device numbers are a node's.
/// A mark, the paths of the cache, the entries, and a SHA-256 over all before. It is read only when it is whole, of this version, for
/// this cache, and nobody else could have written it; it is written whole, or not at all.
/// </summary>
internal sealed class ScanMemoryFile
{
    private const int Largest = 32 << 20;
    private const UnixFileMode FileMode =
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    private readonly CacheLayout _layout;
    private readonly string _name;

    public ScanMemoryFile(CacheLayout layout)
    {
        _layout = layout;
        _name = NameOf(Environment.MachineName);
    }

    /// <summary>The file's name on a node.</summary>
    public static string NameOf(string host) => "usage." + string.Concat(host.Select(static c => char.IsAsciiLetterOrDigit(c) || c == '-' ? c : '_'));

    /// <summary>Reads it; nothing when there is none that can be trusted.</summary>
    public Dictionary<string, ScanMemoryEntry> Read()
    {
        try
        {
            return ReadContent() is { } content && ScanMemoryFormat.TryRead(content, _layout.CachePath) is { } entries ? entries : [];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    /// <summary>Writes it, if that is possible: who may not write in the cache, or comes while another writes, does without.</summary>
    public void TryWrite(Dictionary<string, ScanMemoryEntry> entries)
    {
        try
        {
            byte[] content = ScanMemoryFormat.Write(entries, _layout.CachePath);
            if (content.Length + SHA256.HashSizeInBytes > Largest)
            {
                return;
            }

            using HeldDirectory directory = HeldDirectory.Open(_layout, CacheLayout.PrivateName);
            using BaseFileLock? held = BaseFileLock.TryAcquire(directory.PathOf(_name + ".lock"));
            if (held is not null)
            {
                Replace(directory, content);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The next scan reads the disks again.
        }
    }

    // Its name is its own under the lock: what a killed process left there is replaced.
    private void Replace(HeldDirectory directory, byte[] content)
    {
        string draft = directory.PathOf(_name + ".new");
        File.Delete(draft);
        using (SafeFileHandle handle = OpenFile.Open(draft, OpenFile.ReadWrite | OpenFile.Create | OpenFile.Exclusive | OpenFile.NoFollow, FileMode))
        {
            RandomAccess.Write(handle, content, 0);
            RandomAccess.Write(handle, SHA256.HashData(content), content.Length);
            if (FileStatus.OfPath(_layout.CachePath, follow: true) is { } owner)
            {
                FileOwner.Adopt(handle, draft, owner);
            }
        }

        Rename.Replace(draft, directory.PathOf(_name));
    }

    private byte[]? ReadContent()
    {
        string path = Path.Join(_layout.PrivatePath, _name);
        using SafeFileHandle? handle = OpenFile.OpenIfExists(path, OpenFile.ReadOnly | OpenFile.NoFollow);
        if (handle is null || FileStatus.OfHandle(handle, path) is not { IsRegular: true } status || !IsTrusted(status) || status.Size > Largest)
        {
            return null;
        }

        byte[] bytes = new byte[status.Size];
        int filled = 0;
        int count;
        while (filled < bytes.Length && (count = RandomAccess.Read(handle, bytes.AsSpan(filled), filled)) > 0)
        {
            filled += count;
        }

        int end = filled - SHA256.HashSizeInBytes;
        return end > 0 && SHA256.HashData(bytes.AsSpan(0, end)).AsSpan().SequenceEqual(bytes.AsSpan(end, SHA256.HashSizeInBytes)) ? bytes[..end] : null;
    }

    private bool IsTrusted(in FileStatus status)
    {
        const UnixFileMode Others = UnixFileMode.GroupWrite | UnixFileMode.OtherWrite;
        uint user = status.UserId;
        return (status.Mode & Others) == 0
            && (user == 0 || user == FileOwner.EffectiveUserId() || user == FileStatus.OfPath(_layout.CachePath, follow: true)?.UserId);
    }
}
