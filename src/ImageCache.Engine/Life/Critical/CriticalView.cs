using System.Globalization;
using ImageCache.Engine.Native.Posix;
using ImageCache.Engine.Store;

namespace ImageCache.Engine.Life.Critical;

/// <summary>Tells how it stands with a critical image by what lies on this disk. Nobody is asked, and no file is read.</summary>
internal sealed class CriticalView(CacheLayout layout, CacheReader cache)
{
    public CriticalImage Of(CriticalEntry entry)
    {
        string baseName = CacheLayout.BaseName(entry.Id);
        CacheEntry? there = cache.Find(baseName);
        IReadOnlyList<long> missing = [.. entry.TargetSizes.Where(size => FileStatus.OfPath(layout.TargetPath(baseName, size)) is not { IsRegular: true })];
        (CriticalStatus status, string? reason) = Judge(entry, there, missing);
        return new CriticalImage
        {
            Id = entry.Id,
            Name = entry.Descriptor.Name,
            Node = Environment.MachineName,
            Path = layout.BasePath(baseName),
            Status = status,
            Reason = reason,
            IsCached = IsHere(there),
            DigestStatus = there?.Record?.DigestStatus,
            SignatureStatus = there?.Record?.SignatureStatus,
            TargetSizes = entry.TargetSizes,
            MissingTargets = missing,
            Method = entry.Method,
            RequireSignature = entry.RequireSignature,
            Size = entry.Descriptor.Size,
            RegisteredAt = entry.RegisteredAt,
            SyncedAt = entry.SyncedAt,
        };
    }

    /// <summary>Whether a file or link is what its record says, as far as can be told without reading it.</summary>
    public static bool IsHere(CacheEntry? entry) => entry is { State: BaseImageState.Ready or BaseImageState.Linked };

    private static (CriticalStatus Status, string? Reason) Judge(CriticalEntry entry, CacheEntry? there, IReadOnlyList<long> missingTargets) => there switch
    {
        null => (CriticalStatus.Missing, "it is not in the cache"),
        { Reading.State: RecordState.Damaged } => (CriticalStatus.Damaged, $"the record is damaged, so that nothing tells what the file should be: {there.Reading.Reason}"),
        { State: BaseImageState.Unrecorded } => (CriticalStatus.Incomplete, "the file is not ours, and nothing proves that it is the image"),
        { State: BaseImageState.Damaged } => (CriticalStatus.Damaged, there.HasRecordedSize || !there.Status.IsRegular
            ? "what lies there is not what its record says"
            : string.Create(CultureInfo.InvariantCulture, $"the file has {there.Status.Size} bytes, its record says {there.Record!.Size}")),
        _ when entry.RequireSignature && there.Record?.SignatureStatus != SignatureStatus.Valid
            => (CriticalStatus.Incomplete, "it must have a valid signature, and none was proved"),
        _ when missingTargets.Count > 0
            => (CriticalStatus.Incomplete, $"there is no target of {string.Join(", ", missingTargets.Select(static size => size.ToString(CultureInfo.InvariantCulture)))} bytes"),
        _ => (CriticalStatus.Present, null),
    };
}
