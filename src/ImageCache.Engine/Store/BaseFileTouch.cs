using ImageCache.Engine.Native.Posix;
using Microsoft.Win32.SafeHandles;

namespace ImageCache.Engine.Store;

/// <summary>
/// Sets the time of a base file to now, which is what protects it from nova's cleaner. The one place that does so: it keeps the proof of
/// the file's content, which a touch by anybody else ends.
/// </summary>
internal static class BaseFileTouch
{
    /// <summary>Touches. The caller holds the base file's lock, and writes the record that comes back.</summary>
    /// <returns>The record, with its proof renewed if it held until now.</returns>
    /// <exception cref="IOException">The file is gone, or may not be touched.</exception>
    public static ImageRecord Apply(string path, ImageRecord record, DateTimeOffset now)
    {
        using SafeFileHandle handle = OpenFile.Open(path, OpenFile.ReadOnly | OpenFile.NoFollow);
        FileFingerprint before = FileFingerprint.Of(FileStatus.OfHandle(handle, path));
        FileTimes.SetModified(handle, path, now);
        FileFingerprint after = FileFingerprint.Of(FileStatus.OfHandle(handle, path));
        return record.Proof is { } proof && proof.HoldsFor(before) && IsOurTouch(before, after, now)
            ? record with { Proof = proof with { File = after } }
            : record;
    }

    /// <summary>Touches a file without a record.</summary>
    /// <exception cref="IOException">The file is gone, or may not be touched.</exception>
    public static void Apply(string path, DateTimeOffset now)
    {
        using SafeFileHandle handle = OpenFile.Open(path, OpenFile.ReadOnly | OpenFile.NoFollow);
        FileTimes.SetModified(handle, path, now);
    }

    // Somebody who wrote meanwhile left another time.
    private static bool IsOurTouch(FileFingerprint before, FileFingerprint after, DateTimeOffset now)
        => after with { Modified = before.Modified, Changed = before.Changed } == before
            && after.Modified == (now - DateTimeOffset.UnixEpoch).Ticks * 100;
}
