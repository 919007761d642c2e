using System.Globalization;
using ImageCache.Engine.Native.Posix;
using Microsoft.Win32.SafeHandles;

namespace ImageCache.Engine.Store;

/// <summary>
/// Sets unused base files aside, and brings them back when they are wanted after all. In the quarantine such a file is named
/// <c>&lt;sha1&gt;.&lt;time&gt;.unused</c>, and its record lies beside it. Killed at any point there is the base file with its record, or both
/// set aside; what may be left besides is a record alone, which goes by its age.
/// </summary>
internal sealed class UnusedQuarantine(CacheLayout layout, RecordStore records, TemporaryDirectoryFactory temporaries, EventLog events, TimeProvider time)
{
    private const string Suffix = ".unused";

    /// <summary>Reads the record of something that was set aside.</summary>
    public static RecordReading Record(CacheLayout layout, string baseName, string name)
    {
        DocumentReading<ImageRecord> reading = Document(layout, name).Read();
        return reading is { State: RecordState.Valid, Document: { } record } && CacheLayout.BaseName(record.Id) == baseName && record.Descriptor.Id == record.Id
            ? new RecordReading(RecordState.Valid, record)
            : new RecordReading(reading.State == RecordState.Valid ? RecordState.Damaged : reading.State, Reason: reading.Reason);
    }

    /// <summary>Sets a base file aside with its record. The caller holds its lock and knows that no disk uses it.</summary>
    /// <returns>Where it is now.</returns>
    public async Task<string> TakeAsync(CacheEntry entry, string reason, CancellationToken cancellationToken)
    {
        using TemporaryDirectory temporary = await temporaries.CreateAsync(cancellationToken).ConfigureAwait(false);
        using HeldDirectory aside = HeldDirectory.Open(layout, CacheLayout.PrivateName, CacheLayout.QuarantineName);
        using HeldDirectory cache = HeldDirectory.Open(layout);
        string name = $"{entry.BaseName}.{time.GetUtcNow().UtcDateTime.ToString("yyyyMMdd'T'HHmmssfff", CultureInfo.InvariantCulture)}{Suffix}";
        DocumentFile<ImageRecord> document = Document(layout, name);
        if (records.Save(entry.BaseName) is { } bytes)
        {
            document.Put(bytes, temporary, durable: true);
        }

        if (!Rename.TryCreate(cache.PathOf(entry.BaseName), aside.PathOf(name)))
        {
            throw PosixError.Exception("rename", Path.Join(layout.QuarantinePath, name), PosixError.EEXIST);
        }

        aside.Sync();
        cache.Sync();
        if (entry.Reading is { State: RecordState.Valid, Record: { } record } && entry.Proof is { } proof
            && Renewed(record, proof, aside.PathOf(name)) is { } renewed)
        {
            document.Write(renewed, temporary, durable: false);
        }

        records.Delete(entry.BaseName);
        string target = Path.Join(layout.QuarantinePath, name);
        events.Append(events.New("quarantined") with { ImageId = entry.Record?.Id, Name = entry.Record?.Descriptor.Name, Path = target, Reason = reason });
        return target;
    }

    /// <summary>
    /// Brings an unused base file back that was set aside, the latest if there are several. The caller holds its lock, and judges the file as
    /// any other that is here: this proves nothing.
    /// </summary>
    /// <param name="baseName">The file.</param>
    /// <param name="mayUse">Whether a record is the right one.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>Whether it is back.</returns>
    public async Task<bool> TryBringBackAsync(string baseName, Predicate<ImageRecord> mayUse, CancellationToken cancellationToken)
    {
        if (Find(baseName) is not { } name
            || Record(layout, baseName, name).Record is not { } record
            || !mayUse(record)
            || records.Read(baseName).State == RecordState.Newer)
        {
            return false;
        }

        using TemporaryDirectory temporary = await temporaries.CreateAsync(cancellationToken).ConfigureAwait(false);
        using HeldDirectory aside = HeldDirectory.Open(layout, CacheLayout.PrivateName, CacheLayout.QuarantineName);
        using HeldDirectory cache = HeldDirectory.Open(layout);
        if (FileStatus.OfPath(aside.PathOf(name)) is not { IsRegular: true } status || status.Size != record.Size)
        {
            return false;
        }

        ContentProof? proof = record.Proof?.HoldsFor(FileFingerprint.Of(status)) == true ? record.Proof : null;
        records.Write(record, temporary, durable: true);
        if (!Rename.TryCreate(aside.PathOf(name), cache.PathOf(baseName)))
        {
            // Somebody without the lock put another file there.
            records.Delete(baseName);
            return false;
        }

        cache.Sync();
        if (proof is not null && Renewed(record, proof, cache.PathOf(baseName)) is { } renewed)
        {
            records.Write(renewed, temporary, durable: false);
        }

        Document(layout, name).Delete();
        events.Append(events.New("restored") with { ImageId = record.Id, Name = record.Descriptor.Name, Path = layout.BasePath(baseName), Reason = "wanted again" });
        return true;
    }

    private string? Find(string baseName)
    {
        try
        {
            return Directory.EnumerateFiles(layout.QuarantinePath, $"{baseName}.*{Suffix}")
                .Select(static path => Path.GetFileName(path))
                .OrderDescending(StringComparer.Ordinal)
                .FirstOrDefault();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    // A rename changes the file's times; what was proved of its bytes holds on.
    private static ImageRecord? Renewed(ImageRecord record, ContentProof proof, string path)
    {
        using SafeFileHandle handle = OpenFile.Open(path, OpenFile.ReadOnly | OpenFile.NoFollow);
        FileFingerprint now = FileFingerprint.Of(FileStatus.OfHandle(handle, path));
        return now.HasContentOf(proof.File) ? record with { Proof = proof with { File = now } } : null;
    }

    private static DocumentFile<ImageRecord> Document(CacheLayout layout, string name) => new(layout, CacheLayout.QuarantineName, name + ".json");
}
