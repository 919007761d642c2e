using ImageCache.Engine.Store;

namespace ImageCache.Engine.Life.Popularity;

/// <summary>
/// The uses of images in memory, and the rules by which they are counted: an image that is asked for is a use, and so is a disk that was
/// not seen on it before. Pure: the same uses at the same times give the same ledger.
/// </summary>
internal sealed class UseLedger
{
    /// <summary>The most images that are remembered.</summary>
    public const int MostImages = 1000;

    /// <summary>The most disks that are remembered, of all images together.</summary>
    public const int MostDisks = 32_768;

    // One use, ten half-lives ago.
    private const double Forgotten = 1.0 / 1024;

    private readonly UseDecay _decay;
    private readonly Dictionary<string, PopularityEntry> _entries;

    public UseLedger(UseDecay decay, IEnumerable<PopularityEntry> entries)
    {
        _decay = decay;
        _entries = entries
            .Where(static entry => CacheLayout.IsBaseName(entry.BaseName) && (entry.Id is null || CacheLayout.BaseName(entry.Id) == entry.BaseName))
            .GroupBy(static entry => entry.BaseName, StringComparer.Ordinal)
            .ToDictionary(static same => same.Key, static same => same.MaxBy(static entry => entry.ScoredAt)!, StringComparer.Ordinal);
    }

    public IReadOnlyCollection<PopularityEntry> Entries => _entries.Values;

    /// <summary>Counts a request for an image.</summary>
    public void NoteUse(string imageId, DateTimeOffset now)
    {
        string baseName = CacheLayout.BaseName(imageId);
        _entries[baseName] = _decay.Add(EntryOf(baseName, now) with { Id = imageId }, 1, now);
    }

    /// <summary>Counts the disks that a scan saw for the first time, and forgets those that are gone.</summary>
    /// <param name="disksByBase">The disks above each base file.</param>
    /// <param name="isComplete">Whether every disk could be read; else what was not seen may still be there.</param>
    /// <param name="now">When they were seen.</param>
    public void NoteDisks(IReadOnlyDictionary<string, IReadOnlySet<ulong>> disksByBase, bool isComplete, DateTimeOffset now)
    {
        foreach ((string baseName, PopularityEntry entry) in _entries.ToList())
        {
            if (isComplete && entry.Disks.Length > 0 && !disksByBase.ContainsKey(baseName))
            {
                _entries[baseName] = entry with { Disks = [] };
            }
        }

        foreach ((string baseName, IReadOnlySet<ulong> disks) in disksByBase)
        {
            PopularityEntry entry = EntryOf(baseName, now);
            HashSet<ulong> known = DiskMarks.Unpack(entry.Disks);
            PopularityEntry counted = disks.Count(disk => !known.Contains(disk)) is > 0 and var added ? _decay.Add(entry, added, now) : entry;
            _entries[baseName] = counted with
            {
                Disks = DiskMarks.Pack(isComplete ? disks : disks.Concat(known)),
                LastUsedAt = disks.Count > 0 && now > counted.LastUsedAt ? now : counted.LastUsedAt,
            };
        }
    }

    /// <summary>Tells what is known of an image besides its uses; what is not known leaves what was.</summary>
    public void Describe(string baseName, ImageFacts facts)
    {
        if (_entries.TryGetValue(baseName, out PopularityEntry? entry))
        {
            _entries[baseName] = entry with
            {
                Id = facts.Id ?? entry.Id,
                Name = facts.Name ?? entry.Name,
                Owner = facts.Owner ?? entry.Owner,
                Visibility = facts.Visibility ?? entry.Visibility,
                Size = facts.Size ?? entry.Size,
            };
        }
    }

    /// <summary>The score of an entry now.</summary>
    public double ScoreOf(PopularityEntry entry, DateTimeOffset now) => _decay.At(entry.Score, entry.ScoredAt, now);

    /// <summary>The entries worth keeping: those with disks, and those whose uses have not faded, the most popular first, within bounds.</summary>
    public IReadOnlyList<PopularityEntry> Worthwhile(DateTimeOffset now)
    {
        List<PopularityEntry> kept = [.. _entries.Values
            .Where(entry => entry.Disks.Length > 0 || ScoreOf(entry, now) >= Forgotten)
            .OrderByDescending(static entry => entry.Disks.Length > 0)
            .ThenByDescending(entry => ScoreOf(entry, now))
            .ThenBy(static entry => entry.BaseName, StringComparer.Ordinal)
            .Take(MostImages)
            .Select(entry => NotLaterThan(entry, now))];
        int room = MostDisks;
        for (int index = 0; index < kept.Count; index++)
        {
            int disks = DiskMarks.Count(kept[index].Disks);
            kept[index] = disks <= room ? kept[index] : kept[index] with { Disks = kept[index].Disks[..(room * sizeof(ulong))] };
            room -= Math.Min(disks, room);
        }

        return kept;
    }

    // Written while a clock was wrong, it would not fade before that time comes.
    private static PopularityEntry NotLaterThan(PopularityEntry entry, DateTimeOffset now) => entry with
    {
        ScoredAt = entry.ScoredAt < now ? entry.ScoredAt : now,
        LastUsedAt = entry.LastUsedAt < now ? entry.LastUsedAt : now,
    };

    private PopularityEntry EntryOf(string baseName, DateTimeOffset now)
        => _entries.GetValueOrDefault(baseName) ?? new PopularityEntry { BaseName = baseName, ScoredAt = now, LastUsedAt = now };
}
