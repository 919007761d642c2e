using ImageCache.Engine.Native.Posix;

namespace ImageCache.Engine.Store;

/// <summary>Sets base files aside instead of deleting them: what is wrong with them may matter to somebody.</summary>
internal sealed class Quarantine(CacheLayout layout, RecordStore records, EventLog events, TimeProvider time)
{
    /// <summary>Moves a base file, and its record, out of the way. The caller holds its lock and knows that no disk uses it.</summary>
    /// <returns>Where it is now.</returns>
    public string Take(CacheEntry entry, string? reason = null)
    {
        DateTimeOffset now = time.GetUtcNow();
        string name = $"{entry.BaseName}.{now.UtcDateTime.ToString("yyyyMMdd'T'HHmmssfff", System.Globalization.CultureInfo.InvariantCulture)}";
        using (HeldDirectory directory = HeldDirectory.Open(layout, CacheLayout.PrivateName, CacheLayout.QuarantineName))
        {
            Rename.Replace(entry.Path, directory.PathOf(name));
        }

        if (entry.Reading.State != RecordState.Missing)
        {
            records.SetAside(entry.BaseName, now);
        }

        string target = Path.Join(layout.QuarantinePath, name);
        events.Append(events.New("quarantined") with { ImageId = entry.Record?.Id, Path = target, Reason = reason ?? entry.Reading.Reason });
        return target;
    }
}
