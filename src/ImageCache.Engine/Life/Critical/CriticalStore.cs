using ImageCache.Engine.Native.Posix;
using ImageCache.Engine.OpenStack.Images;
using ImageCache.Engine.Store;

namespace ImageCache.Engine.Life.Critical;

/// <summary>
/// Reads and writes the critical set of a cache. A list that cannot be read is never written over: what it names must stay, and nobody
/// knows any more what that is.
/// </summary>
internal sealed class CriticalStore(CacheLayout layout)
{
    private readonly DocumentFile<CriticalList> _file = new(layout, string.Empty, CacheLayout.CriticalName);
    private volatile Seen? _seen;

    /// <summary>Reads it. Entries that cannot be told apart make it damaged.</summary>
    public CriticalReading Read() => Judge(_file.Read());

    /// <summary>As <see cref="Read"/>, but reads the file only when it is another one than the last time.</summary>
    public CriticalReading Look()
    {
        try
        {
            FileStatus? status = FileStatus.OfPath(Path.Join(layout.PrivatePath, CacheLayout.CriticalName));
            FileFingerprint? now = status is { } file ? FileFingerprint.Of(file) : null;
            if (_seen is { } seen && seen.File == now)
            {
                return seen.Reading;
            }

            CriticalReading reading = Read();
            _seen = new Seen(now, reading);
            return reading;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return new CriticalReading(RecordState.Damaged, new Dictionary<string, CriticalEntry>(), e.Message);
        }
    }

    /// <summary>Reads what can be used.</summary>
    /// <exception cref="UnavailableException">The list cannot be read.</exception>
    /// <exception cref="PolicyException">A newer version wrote it.</exception>
    public CriticalReading Require()
    {
        CriticalReading reading = Read();
        RequireUsable(reading);
        return reading;
    }

    /// <summary>Changes the entries: read, changed and written whole under a lock of its own.</summary>
    /// <param name="change">Makes the new entries out of those that are there; the same list writes nothing.</param>
    /// <param name="temporaries">Where the private file is made.</param>
    /// <param name="cancellationToken">Stops the wait for the lock.</param>
    /// <exception cref="ImageCacheException">The list that is there cannot be used, and is left alone.</exception>
    public async Task UpdateAsync(
        Func<IReadOnlyList<CriticalEntry>, IReadOnlyList<CriticalEntry>> change, TemporaryDirectoryFactory temporaries, CancellationToken cancellationToken)
    {
        using BaseFileLock held = await BaseFileLock.AcquireAsync(layout.CriticalLockPath, null, cancellationToken).ConfigureAwait(false);
        DocumentReading<CriticalList> reading = _file.Read();
        RequireUsable(Judge(reading));
        CriticalList list = reading.Document ?? new CriticalList();
        IReadOnlyList<CriticalEntry> changed = change(list.Images);
        if (ReferenceEquals(changed, list.Images))
        {
            return;
        }

        using TemporaryDirectory temporary = await temporaries.CreateAsync(cancellationToken).ConfigureAwait(false);
        _file.Write(list with { Images = changed }, temporary, durable: true);
    }

    /// <summary>Sets a damaged list aside.</summary>
    /// <returns>Why it was damaged; <see langword="null"/> when it was not, and stays.</returns>
    public async Task<string?> SetDamagedAsideAsync(DateTimeOffset now, CancellationToken cancellationToken)
    {
        using BaseFileLock held = await BaseFileLock.AcquireAsync(layout.CriticalLockPath, null, cancellationToken).ConfigureAwait(false);
        if (Read() is not { State: RecordState.Damaged, Reason: var reason })
        {
            return null;
        }

        _file.SetAside(now);
        return reason ?? "it could not be read";
    }

    private static CriticalReading Judge(DocumentReading<CriticalList> reading)
    {
        Dictionary<string, CriticalEntry> images = new(StringComparer.Ordinal);
        foreach (CriticalEntry? entry in reading.Document?.Images ?? [])
        {
            if (WhyNot(entry) is { } reason)
            {
                return Damaged(reason);
            }

            if (!images.TryAdd(CacheLayout.BaseName(entry!.Id), entry))
            {
                return Damaged($"the image '{entry.Id}' is there twice");
            }
        }

        return new CriticalReading(reading.State, images, reading.Reason);

        CriticalReading Damaged(string reason)
            => new(reading.State == RecordState.Newer ? RecordState.Newer : RecordState.Damaged, images, reason);
    }

    // JSON may say null for any item.
    private static string? WhyNot(CriticalEntry? entry) => entry switch
    {
        null => "an entry is empty",
        _ when !ImageReference.IsPossibleName(entry.Id) => "an entry has an id that no image can have",
        _ when entry.Descriptor.Id != entry.Id => $"the entry of the image '{entry.Id}' contradicts itself",
        _ when entry.TargetSizes.Any(static size => size <= 0) => $"the entry of the image '{entry.Id}' has a target size that is none",
        _ => null,
    };

    private void RequireUsable(CriticalReading reading)
    {
        string path = Path.Join(layout.PrivatePath, CacheLayout.CriticalName);
        switch (reading.State)
        {
            case RecordState.Newer:
                throw new PolicyException(
                    ErrorIds.RecordNewer,
                    $"The list of critical images '{path}' was written by a newer version of ImageCache, and is left alone.",
                    nextStep: "Use the newer version here too.",
                    category: FailureCategory.InvalidOperation);
            case RecordState.Damaged:
                throw new UnavailableException(
                    ErrorIds.CriticalListDamaged,
                    $"The list of critical images '{path}' cannot be read, and is left alone: {reading.Reason?.TrimEnd('.')}.",
                    nextStep: "Mend it or bring it back from another node. 'imagecache critical register --force' (Register-CriticalImage -Force) sets it aside and begins a new one.",
                    category: FailureCategory.ResourceUnavailable);
            default:
                break;
        }
    }

    private sealed record Seen(FileFingerprint? File, CriticalReading Reading);
}
