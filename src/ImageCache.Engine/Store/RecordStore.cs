using System.Text;

namespace ImageCache.Engine.Store;

/// <summary>Reads and writes the records of a cache. Records are hostile until checked: others may write in this directory.</summary>
internal sealed class RecordStore(CacheLayout layout)
{
    private const string Extension = ".json";

    /// <summary>Reads the record of a base file.</summary>
    public RecordReading Read(string baseName)
    {
        DocumentReading<ImageRecord> reading = FileOf(baseName).Read();
        if (reading.Document is not { } record)
        {
            return reading.State == RecordState.Missing
                ? RecordReading.Missing
                : new RecordReading(reading.State, Reason: reading.Reason, SalvagedId: Salvage(baseName, reading.Content));
        }

        return CacheLayout.BaseName(record.Id) == baseName && record.Descriptor.Id == record.Id
            ? new RecordReading(reading.State, record)
            : new RecordReading(RecordState.Damaged, Reason: $"it tells of the image '{record.Id}', whose file has another name");
    }

    /// <summary>The names of all base files that have a record, or something in its place.</summary>
    public IEnumerable<string> Names()
        => Directory.Exists(layout.RecordsPath)
            ? Directory.EnumerateFileSystemEntries(layout.RecordsPath, "*" + Extension)
                .Select(static path => Path.GetFileNameWithoutExtension(path))
                .Where(CacheLayout.IsBaseName)
            : [];

    /// <summary>Writes a record whole: to a private file, synced, renamed.</summary>
    /// <param name="record">The record.</param>
    /// <param name="temporary">Where the private file is made.</param>
    /// <param name="durable">Whether it must survive a power cut; a use count need not.</param>
    public void Write(ImageRecord record, TemporaryDirectory temporary, bool durable)
        => FileOf(CacheLayout.BaseName(record.Id)).Write(record, temporary, durable);

    /// <summary>The record as it lies there, to be put back if what comes next fails.</summary>
    /// <returns><see langword="null"/> when there is none that can be read.</returns>
    public byte[]? Save(string baseName) => FileOf(baseName).Save();

    /// <summary>Puts back what <see cref="Save"/> gave; removes the record when that was nothing.</summary>
    public void Restore(string baseName, byte[]? saved, TemporaryDirectory temporary)
    {
        if (saved is null)
        {
            Delete(baseName);
        }
        else
        {
            FileOf(baseName).Put(saved, temporary, durable: true);
        }
    }

    /// <summary>Removes a record; none is no error.</summary>
    public void Delete(string baseName) => FileOf(baseName).Delete();

    /// <summary>Sets a record aside instead of deleting it.</summary>
    public void SetAside(string baseName, DateTimeOffset now) => FileOf(baseName).SetAside(now);

    private DocumentFile<ImageRecord> FileOf(string baseName) => new(layout, CacheLayout.RecordsName, baseName + Extension);

    // What is damaged may still tell the id that fits the name, and that nobody can make up.
    private static string? Salvage(string baseName, byte[]? content)
        => content is null ? null : FindIds(Encoding.UTF8.GetString(content)).FirstOrDefault(id => CacheLayout.BaseName(id) == baseName);

    private static IEnumerable<string> FindIds(string text)
    {
        const string Key = "\"id\"";
        for (int at = text.IndexOf(Key, StringComparison.Ordinal); at >= 0; at = text.IndexOf(Key, at + 1, StringComparison.Ordinal))
        {
            int open = text.IndexOf('"', at + Key.Length);
            int close = open < 0 ? -1 : text.IndexOf('"', open + 1);
            if (close > open)
            {
                yield return text[(open + 1)..close];
            }
        }
    }
}
