using ImageCache.Engine.Formats;
using ImageCache.Engine.Store;

namespace ImageCache.Engine.Life.Usage;

/// <summary>
/// What earlier scans read, so that a disk that did not change is not opened again. Nothing depends on it: without it everything is
/// read. It lasts as long as the scanner, and in a file of this node's own beyond that.
/// </summary>
internal sealed class ScanMemory(CacheLayout layout, TimeProvider time)
{
    // Times of files move in steps: what was written in the step of the reading may be written again unseen.
    private static readonly TimeSpan s_unsettled = TimeSpan.FromSeconds(2);

    private readonly ScanMemoryFile _file = new(layout);
    private Dictionary<string, ScanMemoryEntry>? _before;
    private Dictionary<string, ScanMemoryEntry> _now = [];
    private bool _isChanged;
    private long _settled;

    /// <summary>Begins a scan.</summary>
    public void Begin()
    {
        _before ??= _file.Read();
        _now = new Dictionary<string, ScanMemoryEntry>(_before.Count, StringComparer.Ordinal);
        _isChanged = false;
        _settled = (time.GetUtcNow() - s_unsettled - DateTimeOffset.UnixEpoch).Ticks * 100;
    }

    /// <summary>What a disk is built on, if it is the very one that was read.</summary>
    public BackingReference? Find(string path, in DiskMark mark)
    {
        if (_before is null || !_before.TryGetValue(path, out ScanMemoryEntry? entry) || entry.Mark != mark)
        {
            return null;
        }

        _now[path] = entry;
        return entry.Reference;
    }

    /// <summary>Notes what was read, unless it may just be changing.</summary>
    public void Note(string path, in DiskMark mark, BackingReference reference)
    {
        if (reference.Unreadable is null && mark.Modified < _settled && mark.Changed < _settled)
        {
            _now[path] = new ScanMemoryEntry(mark, reference);
            _isChanged = true;
        }
    }

    /// <summary>Ends a scan: what was not seen in it is forgotten.</summary>
    public void Keep()
    {
        _isChanged |= _now.Count != _before?.Count;
        _before = _now;
        if (_isChanged)
        {
            _file.TryWrite(_now);
        }
    }
}
