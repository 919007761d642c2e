using System.Text.Json;
using System.Text.Json.Serialization;
using ImageCache.Engine.Native.Posix;
using Microsoft.Win32.SafeHandles;

namespace ImageCache.Engine.Store;

/// <summary>
/// events.jsonl: one JSON object a line, appended in one write so that processes do not mix lines. At its largest size it becomes
/// events.1.jsonl, in place of the one before. Telling of an event never fails an operation.
/// </summary>
internal sealed class EventLog(CacheDirectory directory, long largestSize, TimeProvider time)
{
    private const UnixFileMode LogMode =
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    private static readonly StoredJsonContext s_json = new(new JsonSerializerOptions(JsonSerializerDefaults.Web)
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,

        // Quotes and letters of other languages as they are: people search this file.
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });

    private CacheLayout Layout => directory.Layout;

    public CacheEvent New(string what) => new()
    {
        Time = time.GetUtcNow(),
        Event = what,
        Node = Environment.MachineName,
        ProcessId = Environment.ProcessId,
    };

    /// <summary>Appends an event.</summary>
    /// <returns>Whether it could be written.</returns>
    public bool Append(CacheEvent happened)
    {
        try
        {
            // The first thing that happens in a new cache may be a failure.
            directory.RequireWritable();
            byte[] line = [.. JsonSerializer.SerializeToUtf8Bytes(happened, s_json.CacheEvent), (byte)'\n'];
            TurnOverWhenFull();
            using HeldDirectory ours = HeldDirectory.Open(Layout, CacheLayout.PrivateName);
            using SafeFileHandle handle = OpenFile.Open(
                ours.PathOf(CacheLayout.EventsName), OpenFile.ReadWrite | OpenFile.Create | OpenFile.Append | OpenFile.NoFollow, LogMode);
            FileStatus status = FileStatus.OfHandle(handle, Layout.EventsPath);
            if (status.Size == 0)
            {
                FileOwner.Adopt(handle, Layout.EventsPath, ours.Status);
            }

            RandomAccess.Write(handle, line, status.Size);
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or UnavailableException)
        {
            return false;
        }
    }

    private void TurnOverWhenFull()
    {
        if (FileStatus.OfPath(Layout.EventsPath) is not { } status || status.Size < largestSize)
        {
            return;
        }

        using BaseFileLock? turn = BaseFileLock.TryAcquire(Layout.EventsLockPath);
        if (turn is not null && FileStatus.OfPath(Layout.EventsPath) is { } again && again.Size >= largestSize)
        {
            Rename.Replace(Layout.EventsPath, Path.ChangeExtension(Layout.EventsPath, ".1.jsonl"));
        }
    }
}
