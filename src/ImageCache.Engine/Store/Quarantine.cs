using ImageCache.Engine.Native.Posix;

namespace ImageCache.Engine.Store;

/// <summary>Sets base files aside instead of deleting them: what is wrong with them may matter to somebody.</summary>
internal sealed class Quarantine(CacheLayout layout, RecordStore records, EventLog events, TimeProvider time)
{
    /// <summary>Moves a base file, and its record, out of the way. The caller holds its lock and knows that no disk uses it.</summary>
    /// <returns>Where it is now.</returns>
    public string Take(CacheEntry entry)
    {
        string stamp = time.GetUtcNow().UtcDateTime.ToString("yyyyMMdd'T'HHmmssfff", System.Globalization.CultureInfo.InvariantCulture);
        string target = Path.Join(layout.QuarantinePath, $"{entry.BaseName}.{stamp}");
        Rename.Replace(entry.Path, target);
        if (entry.Reading.State != RecordState.Missing)
        {
            records.SetAside(entry.BaseName, time.GetUtcNow());
        }

        events.Append(events.New("quarantined") with { ImageId = entry.Record?.Id, Path = target, Reason = entry.Reading.Reason });
        return target;
    }
}
