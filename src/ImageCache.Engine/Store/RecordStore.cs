using System.Text;
using System.Text.Json;
using ImageCache.Engine.Native.Posix;
using Microsoft.Win32.SafeHandles;

namespace ImageCache.Engine.Store;

/// <summary>Reads and writes the records of a cache. Records are hostile until checked: others may write in this directory.</summary>
internal sealed class RecordStore(CacheLayout layout)
{
    private const int LargestRecord = 1 << 20;

    private const UnixFileMode RecordMode =
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    /// <summary>Reads the record of a base file.</summary>
    public RecordReading Read(string baseName)
    {
        string path = layout.RecordPath(baseName);
        try
        {
            return ReadBounded(path) is { } json ? Judge(baseName, json) : RecordReading.Missing;
        }
        catch (IOException e)
        {
            return new RecordReading(RecordState.Damaged, Reason: e.Message);
        }
    }

    /// <summary>The names of all base files that have a record.</summary>
    public IEnumerable<string> Names()
        => Directory.Exists(layout.RecordsPath)
            ? Directory.EnumerateFiles(layout.RecordsPath, "*.json")
                .Select(static path => Path.GetFileNameWithoutExtension(path))
                .Where(CacheLayout.IsBaseName)
            : [];

    /// <summary>Writes a record whole: to a private file, synced, renamed.</summary>
    /// <param name="record">The record.</param>
    /// <param name="temporary">Where the private file is made.</param>
    /// <param name="durable">Whether it must survive a power cut; a use count need not.</param>
    public void Write(ImageRecord record, TemporaryDirectory temporary, bool durable)
    {
        Put(CacheLayout.BaseName(record.Id), RecordJson.Write(record), temporary, durable);
    }

    /// <summary>The record as it lies there, to be put back if what comes next fails.</summary>
    /// <returns><see langword="null"/> when there is none that can be read.</returns>
    public byte[]? Save(string baseName)
    {
        try
        {
            return ReadBounded(layout.RecordPath(baseName));
        }
        catch (IOException)
        {
            return null;
        }
    }

    /// <summary>Puts back what <see cref="Save"/> gave; removes the record when that was nothing.</summary>
    public void Restore(string baseName, byte[]? saved, TemporaryDirectory temporary)
    {
        if (saved is null)
        {
            Delete(baseName);
        }
        else
        {
            Put(baseName, saved, temporary, durable: true);
        }
    }

    /// <summary>Removes a record; none is no error.</summary>
    public void Delete(string baseName) => File.Delete(layout.RecordPath(baseName));

    /// <summary>Sets a record aside instead of deleting it.</summary>
    public void SetAside(string baseName, DateTimeOffset now)
    {
        using HeldDirectory directory = HeldDirectory.Open(layout, CacheLayout.PrivateName, CacheLayout.QuarantineName);
        Rename.Replace(layout.RecordPath(baseName), directory.PathOf($"{baseName}.{now.UtcDateTime:yyyyMMdd'T'HHmmssfff}.json"));
    }

    private void Put(string baseName, byte[] content, TemporaryDirectory temporary, bool durable)
    {
        string name = baseName + ".json";
        using (SafeFileHandle handle = temporary.CreateFile(name))
        {
            RandomAccess.Write(handle, content, 0);
            File.SetUnixFileMode(handle, RecordMode);
            if (FileStatus.OfPath(layout.CachePath, follow: true) is { } owner)
            {
                FileOwner.Adopt(handle, name, owner);
            }

            if (durable)
            {
                Sync.File(handle, name);
            }
        }

        using HeldDirectory directory = HeldDirectory.Open(layout, CacheLayout.PrivateName, CacheLayout.RecordsName);
        Rename.Replace(temporary.PathOf(name), directory.PathOf(name));
        if (durable)
        {
            directory.Sync();
        }
    }

    private static RecordReading Judge(string baseName, byte[] json)
    {
        try
        {
            ImageRecord record = RecordJson.Parse(json);
            if (CacheLayout.BaseName(record.Id) != baseName || record.Descriptor.Id != record.Id)
            {
                return new RecordReading(RecordState.Damaged, Reason: $"it tells of the image '{record.Id}', whose file has another name");
            }

            return new RecordReading(record.SchemaVersion > ImageRecord.CurrentSchema ? RecordState.Newer : RecordState.Valid, record);
        }
        catch (JsonException e)
        {
            string? id = RecordJson.FindIds(Encoding.UTF8.GetString(json)).FirstOrDefault(id => CacheLayout.BaseName(id) == baseName);
            return new RecordReading(RecordState.Damaged, Reason: e.Message, SalvagedId: id);
        }
    }

    private static byte[]? ReadBounded(string path)
    {
        using SafeFileHandle? handle = OpenFile.OpenIfExists(path, OpenFile.ReadOnly | OpenFile.NoFollow);
        if (handle is null)
        {
            return null;
        }

        FileStatus status = FileStatus.OfHandle(handle, path);
        if (!status.IsRegular || status.Size > LargestRecord)
        {
            throw new IOException($"'{path}' is not a record: it is no regular file, or larger than {LargestRecord} bytes", PosixError.EINVAL);
        }

        byte[] content = new byte[status.Size];
        int filled = 0;
        while (filled < content.Length)
        {
            int read = RandomAccess.Read(handle, content.AsSpan(filled), filled);
            if (read == 0)
            {
                break;
            }

            filled += read;
        }

        return content[..filled];
    }
}
