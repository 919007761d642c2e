using ImageCache.Engine.Native.Posix;
using Microsoft.Win32.SafeHandles;

namespace ImageCache.Engine.Store;

/// <summary>
/// Gives a finished private file its final name: synced file, then record, then rename, then synced directory. Killed anywhere
/// in between, there is either no base file or a complete one with its record; a record alone is swept.
/// </summary>
internal sealed class Publisher(CacheLayout layout, RecordStore records)
{
    // As nova-compute's own files are, with its usual umask.
    private const UnixFileMode BaseFileMode =
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    /// <summary>Publishes. The caller holds the base file's lock.</summary>
    /// <param name="record">What the record shall say; size and inode are taken from the file.</param>
    /// <param name="draft">The private file, in the cache's file system.</param>
    /// <param name="temporary">Where the record is drafted.</param>
    /// <param name="replace">Whether a file under the final name may be replaced.</param>
    /// <returns>The record as written; <see langword="null"/> when somebody without the lock published first.</returns>
    public ImageRecord? Publish(ImageRecord record, string draft, TemporaryDirectory temporary, bool replace)
    {
        string baseName = CacheLayout.BaseName(record.Id);
        ImageRecord written = record with { Inode = Finish(draft, out long size), Size = size };
        byte[]? earlier = replace ? records.Save(baseName) : null;
        records.Write(written, temporary, durable: true);
        try
        {
            if (replace)
            {
                Rename.Replace(draft, layout.BasePath(baseName));
            }
            else if (!Rename.TryCreate(draft, layout.BasePath(baseName)))
            {
                records.Delete(baseName);
                return null;
            }
        }
        catch (IOException)
        {
            // What is there keeps the record that tells of it.
            records.Restore(baseName, earlier, temporary);
            throw;
        }

        Sync.Directory(layout.CachePath);
        return written;
    }

    private ulong Finish(string draft, out long size)
    {
        File.SetUnixFileMode(draft, BaseFileMode);
        if (FileStatus.OfPath(layout.CachePath, follow: true) is { } owner)
        {
            FileOwner.Adopt(draft, owner);
        }

        using SafeFileHandle handle = OpenFile.Open(draft, OpenFile.ReadWrite | OpenFile.NoFollow);
        Sync.File(handle, draft);
        FileStatus status = FileStatus.OfHandle(handle, draft);
        size = status.Size;
        return status.Inode;
    }
}
