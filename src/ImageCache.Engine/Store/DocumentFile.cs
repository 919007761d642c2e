using System.Text.Json;
using ImageCache.Engine.Native.Posix;
using Microsoft.Win32.SafeHandles;

namespace ImageCache.Engine.Store;

/// <summary>
/// One JSON document of ours in a cache. It is hostile until checked, for others may write there: a link, a pipe, a directory, something
/// too large or no JSON is damage, told and never followed. It is written whole, and set aside rather than lost.
/// </summary>
internal sealed class DocumentFile<T>(CacheLayout layout, string folder, string name)
    where T : class, IStoredDocument<T>
{
    private const UnixFileMode DocumentMode =
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    private string FullPath => Path.Join(layout.PrivatePath, folder, name);

    /// <summary>Reads it.</summary>
    public DocumentReading<T> Read()
    {
        byte[]? content = null;
        try
        {
            content = DocumentBytes.ReadIfExists(FullPath);
            if (content is null)
            {
                return new DocumentReading<T>(RecordState.Missing);
            }

            T document = StoredJson.Parse<T>(content);
            return new DocumentReading<T>(document.SchemaVersion > T.NewestSchema ? RecordState.Newer : RecordState.Valid, document);
        }
        catch (JsonException e) when (StoredJson.SchemaOf(content) > T.NewestSchema)
        {
            // Not even to be understood, and all the more to be left alone.
            return new DocumentReading<T>(RecordState.Newer, Reason: e.Message, Content: content);
        }
        catch (Exception e) when (e is IOException or JsonException)
        {
            return new DocumentReading<T>(RecordState.Damaged, Reason: e.Message, Content: content);
        }
    }

    /// <summary>The bytes as they lie there, to be put back if what comes next fails.</summary>
    /// <returns><see langword="null"/> when there are none that can be read.</returns>
    public byte[]? Save()
    {
        try
        {
            return DocumentBytes.ReadIfExists(FullPath);
        }
        catch (IOException)
        {
            return null;
        }
    }

    /// <summary>Writes it whole: to a private file, synced, renamed.</summary>
    /// <param name="document">The document.</param>
    /// <param name="temporary">Where the private file is made.</param>
    /// <param name="durable">Whether it must survive a power cut.</param>
    public void Write(T document, TemporaryDirectory temporary, bool durable) => Put(StoredJson.Write(document), temporary, durable);

    /// <summary>Puts bytes there whole.</summary>
    public void Put(byte[] content, TemporaryDirectory temporary, bool durable)
    {
        using (SafeFileHandle handle = temporary.CreateFile(name))
        {
            RandomAccess.Write(handle, content, 0);
            File.SetUnixFileMode(handle, DocumentMode);
            if (FileStatus.OfPath(layout.CachePath, follow: true) is { } owner)
            {
                FileOwner.Adopt(handle, name, owner);
            }

            if (durable)
            {
                Sync.File(handle, name);
            }
        }

        using HeldDirectory directory = OpenFolder();
        Rename.Replace(temporary.PathOf(name), directory.PathOf(name));
        if (durable)
        {
            directory.Sync();
        }
    }

    /// <summary>Removes it; none is no error.</summary>
    public void Delete()
    {
        using HeldDirectory directory = OpenFolder();
        File.Delete(directory.PathOf(name));
    }

    /// <summary>Sets it aside, whatever it is.</summary>
    public void SetAside(DateTimeOffset now)
    {
        using HeldDirectory directory = OpenFolder();
        using HeldDirectory quarantine = HeldDirectory.Open(layout, CacheLayout.PrivateName, CacheLayout.QuarantineName);
        string aside = $"{Path.GetFileNameWithoutExtension(name)}.{now.UtcDateTime:yyyyMMdd'T'HHmmssfff}.json";
        Rename.Replace(directory.PathOf(name), quarantine.PathOf(aside));
    }

    private HeldDirectory OpenFolder()
        => folder.Length == 0 ? HeldDirectory.Open(layout, CacheLayout.PrivateName) : HeldDirectory.Open(layout, CacheLayout.PrivateName, folder);
}
