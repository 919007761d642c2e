using ImageCache.Engine.Native.Posix;
using Microsoft.Win32.SafeHandles;

namespace ImageCache.Engine.Store;

/// <summary>
/// Gives a finished private file its final name: synced file, then record, then rename, then synced directory. Killed anywhere
/// in between, there is either no base file or a complete one with its record; a record alone is swept.
/// </summary>
internal sealed class Publisher(CacheLayout layout, RecordStore records, TimeProvider time)
{
    // As nova-compute's own files are, with its usual umask.
    private const UnixFileMode BaseFileMode =
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    /// <summary>Publishes. The caller holds the base file's lock.</summary>
    /// <param name="record">What the record shall say; size, inode and proof are taken from the file.</param>
    /// <param name="draft">The private file, in the cache's file system.</param>
    /// <param name="temporary">Where the record is drafted.</param>
    /// <param name="replace">Whether a file under the final name may be replaced.</param>
    /// <returns>The record as written; <see langword="null"/> when somebody without the lock published first.</returns>
    /// <exception cref="VerificationException">The file is not any more what was verified.</exception>
    public ImageRecord? Publish(ImageRecord record, DraftFile draft, TemporaryDirectory temporary, bool replace)
    {
        string baseName = CacheLayout.BaseName(record.Id);
        using SafeFileHandle file = Finish(draft, record.Id);
        ImageRecord written = record with { Inode = draft.Content.Inode, Size = draft.Content.Size };
        byte[]? earlier = replace ? records.Save(baseName) : null;
        records.Write(written, temporary, durable: true);
        try
        {
            if (replace)
            {
                Rename.Replace(draft.Path, layout.BasePath(baseName));
            }
            else if (!Rename.TryCreate(draft.Path, layout.BasePath(baseName)))
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
        return NoteProof(written, file, draft, temporary);
    }

    /// <summary>Publishes a link, as a file is: record, rename, synced directory. Nothing can be written through it, for its target is read-only.</summary>
    /// <param name="record">What the record shall say.</param>
    /// <param name="link">Where the link leads.</param>
    /// <param name="temporary">Where link and record are drafted.</param>
    /// <param name="replace">Whether what has the final name may be replaced.</param>
    /// <returns>Whether it has the final name; not when somebody without the lock published first.</returns>
    public bool PublishLink(ImageRecord record, RecordedLink link, TemporaryDirectory temporary, bool replace)
    {
        string baseName = CacheLayout.BaseName(record.Id);
        string draft = temporary.PathOf("link");
        File.Delete(draft);
        File.CreateSymbolicLink(draft, link.Target);
        byte[]? earlier = replace ? records.Save(baseName) : null;
        records.Write(record with { Link = link, Proof = null, Inode = 0 }, temporary, durable: true);
        try
        {
            if (replace)
            {
                Rename.Replace(draft, layout.BasePath(baseName));
            }
            else if (!Rename.TryCreate(draft, layout.BasePath(baseName)))
            {
                records.Delete(baseName);
                return false;
            }
        }
        catch (IOException)
        {
            // What is there keeps the record that tells of it.
            records.Restore(baseName, earlier, temporary);
            throw;
        }

        Sync.Directory(layout.CachePath);
        return true;
    }

    // Opened once: what is given a mode, an owner and a place on the disk is what was verified.
    private SafeFileHandle Finish(DraftFile draft, string imageId)
    {
        SafeFileHandle handle = OpenFile.Open(draft.Path, OpenFile.ReadWrite | OpenFile.NoFollow);
        try
        {
            if (!FileFingerprint.Of(FileStatus.OfHandle(handle, draft.Path)).HasContentOf(draft.Content))
            {
                throw new VerificationException(
                    ErrorIds.DigestMismatch,
                    $"The data of image '{imageId}' were changed by somebody after they had been verified. Nothing was kept.",
                    imageId,
                    "Find out who writes in the private directories of the cache.");
            }

            File.SetUnixFileMode(handle, BaseFileMode);
            if (FileStatus.OfPath(layout.CachePath, follow: true) is { } owner)
            {
                FileOwner.Adopt(handle, draft.Path, owner);
            }

            Sync.File(handle, draft.Path);
            return handle;
        }
        catch
        {
            handle.Dispose();
            throw;
        }
    }

    // A rename changes the file's times, so that only now can be said what it looks like. Without the proof it is hashed once more.
    private ImageRecord NoteProof(ImageRecord written, SafeFileHandle file, DraftFile draft, TemporaryDirectory temporary)
    {
        FileFingerprint published = FileFingerprint.Of(FileStatus.OfHandle(file, draft.Path));
        if (!published.HasContentOf(draft.Content))
        {
            return written;
        }

        ImageRecord proven = written with { Proof = new ContentProof { At = time.GetUtcNow(), IsIntact = true, File = published } };
        try
        {
            records.Write(proven, temporary, durable: false);
            return proven;
        }
        catch (IOException)
        {
            return written;
        }
    }
}
