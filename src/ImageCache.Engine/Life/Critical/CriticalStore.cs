using ImageCache.Engine.Store;

namespace ImageCache.Engine.Life.Critical;

/// <summary>Reads and writes the critical set of a cache.</summary>
internal sealed class CriticalStore(CacheLayout layout)
{
    private readonly DocumentFile<CriticalList> _file = new(layout, string.Empty, CacheLayout.CriticalName);

    /// <summary>Reads it. Entries that cannot be told apart make it damaged.</summary>
    public CriticalReading Read()
    {
        DocumentReading<CriticalList> reading = _file.Read();
        Dictionary<string, CriticalEntry> images = new(StringComparer.Ordinal);
        foreach (CriticalEntry entry in reading.Document?.Images ?? [])
        {
            if (entry.Descriptor.Id != entry.Id || !images.TryAdd(CacheLayout.BaseName(entry.Id), entry))
            {
                return new CriticalReading(RecordState.Damaged, images, $"the entry of the image '{entry.Id}' contradicts another or itself");
            }
        }

        return new CriticalReading(reading.State, images, reading.Reason);
    }
}
