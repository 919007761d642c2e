using ImageCache.Engine.Life.Critical;
using ImageCache.Engine.Native.Posix;
using ImageCache.Engine.Store;
using ImageCache.Engine.Transfer;
using ImageCache.Engine.Trust;

namespace ImageCache.Engine.Life;

/// <summary>
/// Looks at one base file and its record. The file is read without any lock, for nova-compute would wait for it to start an instance;
/// if it is another one by the time it was read, it is looked at again.
/// </summary>
internal sealed class IntegrityCheck(
    CacheDirectory directory, CacheReader cache, RecordStore records, CriticalStore criticals, ContentCheck content, ProofKeeper proofs, GlanceComparison glance, RateLimiter? limiter, TimeProvider time)
{
    private const int Attempts = 3;

    /// <summary>Checks.</summary>
    /// <returns><see langword="null"/> when neither file nor record is there any more.</returns>
    public async Task<IntegrityResult?> RunAsync(string baseName, IntegrityRun run, CancellationToken cancellationToken)
    {
        using WorkProgress progress = run.Monitor.Begin(baseName);
        for (int attempt = 1; ; attempt++)
        {
            if (await FindAsync(baseName, cancellationToken).ConfigureAwait(false) is not { } entry)
            {
                return JudgeAbsence(baseName);
            }

            progress.Rename(entry.Record?.Descriptor.Name ?? entry.Record?.Id ?? baseName);
            IntegrityResult result = Judge(entry) ?? await ReadAsync(entry, run, progress, cancellationToken).ConfigureAwait(false);
            if (attempt == Attempts || cache.Find(baseName)?.Status.Identity == entry.Status.Identity)
            {
                return result;
            }
        }
    }

    // What can be told without reading the file.
    private IntegrityResult? Judge(CacheEntry entry) => entry switch
    {
        { Reading.State: RecordState.Damaged } => About(entry, IntegrityStatus.Damaged, $"its record is damaged, so that nothing tells what the file should be: {entry.Reading.Reason}"),
        { Reading.State: RecordState.Newer, Record: null } => About(entry, IntegrityStatus.Unrecorded, "its record was written by a newer version, and cannot be understood here"),
        { Record: null } => entry.Status.IsRegular ? null : About(entry, IntegrityStatus.Unrecorded, "it is no regular file, and no record tells of it"),
        { IsLink: true } when entry.Record.Digest is null => About(entry, IntegrityStatus.Unrecorded, "it is a link to a volume, of which no digest is kept"),
        { IsLink: true } => null,
        { Status.IsSymbolicLink: true } => About(entry, IntegrityStatus.Damaged, "a symbolic link lies in the file's place; it was not followed"),
        { Status.IsRegular: false } => About(entry, IntegrityStatus.Damaged, "something that is no regular file lies in its place"),
        { HasRecordedSize: false } => About(entry, IntegrityStatus.Damaged, $"the file has {entry.Status.Size} bytes, its record says {entry.Record.Size}"),
        _ when !ImageDigest.TryParse(entry.Record.Digest, out _) => About(entry, IntegrityStatus.Unrecorded, "its record holds no digest that can be computed here"),
        _ => null,
    };

    private async Task<IntegrityResult> ReadAsync(CacheEntry entry, IntegrityRun run, WorkProgress progress, CancellationToken cancellationToken)
    {
        if (entry.Record is null && !run.AsksGlance)
        {
            return About(entry, IntegrityStatus.Unrecorded, "no record tells of it: nova brought it, or somebody else");
        }

        ImageDescriptor? image = entry.Record is null ? await glance.FindAsync(entry.BaseName, cancellationToken).ConfigureAwait(false) : null;
        progress.Enter(WorkStage.Verifying, entry.DataSize);
        try
        {
            return entry.Record is { } record
                ? await CompareAsync(entry, record, run, progress, cancellationToken).ConfigureAwait(false)
                : await glance
                    .RunAsync(entry, image, About(entry, IntegrityStatus.Unrecorded, null), limiter, progress, cancellationToken)
                    .ConfigureAwait(false);
        }
        catch (UnavailableException e) when (e.ErrorId is ErrorIds.ServiceUnavailable or ErrorIds.TransferFailed)
        {
            return About(entry, IntegrityStatus.Unreadable, e.Message);
        }
        catch (NotFoundException e) when (e.ErrorId == ErrorIds.ImageDataNotFound)
        {
            // It went while it was looked at; the next look tells.
            return About(entry, IntegrityStatus.Missing, "the file is gone");
        }
    }

    private async Task<IntegrityResult> CompareAsync(
        CacheEntry entry, ImageRecord record, IntegrityRun run, WorkProgress progress, CancellationToken cancellationToken)
    {
        _ = ImageDigest.TryParse(record.Digest, out ImageDigest? expected);
        ContentComparison seen = await content
            .CompareInBackgroundAsync(entry.DataPath, expected!.Value, limiter, progress, cancellationToken)
            .ConfigureAwait(false);
        await KeepAsync(entry, record, seen, run, cancellationToken).ConfigureAwait(false);
        return Told(entry, seen);
    }

    private static string Difference(CacheEntry entry, ContentComparison seen) => seen.Actual switch
    {
        null => "the file became shorter while it was read",
        _ when !entry.IsRecordedFile => "another file of the same length lies in its place, with other bytes",
        _ => "the bytes are not those that were verified when it came",
    };

    private IntegrityResult Told(CacheEntry entry, ContentComparison seen) => About(
        entry,
        seen.IsIntact ? IntegrityStatus.Intact : IntegrityStatus.Damaged,
        seen switch
        {
            { IsIntact: false } => Difference(entry, seen),
            { Proof: null } when !entry.IsLink => "it was touched while it was read, so that the proof was not kept",
            _ => null,
        }) with
    {
        Actual = seen.Actual?.ToString(),
    };

    private async Task KeepAsync(CacheEntry entry, ImageRecord record, ContentComparison seen, IntegrityRun run, CancellationToken cancellationToken)
    {
        if (seen.Proof is { } proof && !entry.IsLink && entry.Reading.State == RecordState.Valid
            && await proofs.KeepAsync(entry.BaseName, record, proof, cancellationToken).ConfigureAwait(false) is { } reason)
        {
            run.WarnUnwritable(reason);
        }
    }

    // A fetch writes the record before the file has its name: what is missing under its lock is missing.
    private async Task<CacheEntry?> FindAsync(string baseName, CancellationToken cancellationToken)
    {
        if (cache.Find(baseName) is { } entry)
        {
            return entry;
        }

        try
        {
            using BaseFileLock? held = await proofs.TryLockAsync(baseName, cancellationToken).ConfigureAwait(false);
            return cache.Find(baseName);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Who may not lock may still look.
            return cache.Find(baseName);
        }
    }

    private IntegrityResult? JudgeAbsence(string baseName)
    {
        RecordReading reading = records.Read(baseName);
        CriticalEntry? critical = criticals.Look().Images.GetValueOrDefault(baseName);
        if (reading.State == RecordState.Missing && critical is null)
        {
            return null;
        }

        string path = directory.Layout.BasePath(baseName);
        bool isDirectory = FileStatus.OfPath(path) is { IsDirectory: true };
        return new IntegrityResult
        {
            Id = reading.Record?.Id ?? critical?.Id ?? reading.SalvagedId,
            Name = reading.Record?.Descriptor.Name ?? critical?.Descriptor.Name,
            Node = Environment.MachineName,
            Path = path,
            Status = isDirectory ? IntegrityStatus.Damaged : IntegrityStatus.Missing,
            Reason = (isDirectory, reading.State) switch
            {
                (true, _) => "a directory lies in the file's place",
                (_, RecordState.Missing) => "it is registered as critical, and not here",
                (_, RecordState.Damaged) => $"there is a record, itself damaged ({reading.Reason}), and no file",
                _ => "there is a record, and no file",
            },
            Expected = reading.Record?.Digest,
            CheckedAt = time.GetUtcNow(),
            LastProvedAt = LastProof(reading.Record),
        };
    }

    private IntegrityResult About(CacheEntry entry, IntegrityStatus status, string? reason) => new()
    {
        Id = entry.Record?.Id ?? entry.Reading.SalvagedId,
        Name = entry.Record?.Descriptor.Name,
        Node = Environment.MachineName,
        Path = entry.Path,
        Status = status,
        Reason = reason,
        Expected = entry.Record?.Digest,
        Size = entry.DataSize,
        CheckedAt = time.GetUtcNow(),
        LastProvedAt = LastProof(entry.Record),
    };

    private static DateTimeOffset? LastProof(ImageRecord? record) => record?.Proof is { IsIntact: true } proof ? proof.At : null;
}
