using System.Text.Json;
using System.Text.Json.Serialization;
using ImageCache.Engine.Native.Posix;
using Microsoft.Win32.SafeHandles;

namespace ImageCache.Engine.Store;

/// <summary>
/// events.jsonl: one JSON object a line, appended in one write so that processes do not mix lines. At its largest size it becomes
/// events.1.jsonl, in place of the one before. Telling of an event never fails an operation.
/// </summary>
internal sealed class EventLog(CacheLayout layout, long largestSize, TimeProvider time)
{
    private const UnixFileMode LogMode =
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    private static readonly JsonSerializerOptions s_options = new(JsonSerializerDefaults.Web)
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    };

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
            byte[] line = [.. JsonSerializer.SerializeToUtf8Bytes(happened, s_options), (byte)'\n'];
            TurnOverWhenFull();
            using SafeFileHandle handle = OpenFile.Open(
                layout.EventsPath, OpenFile.ReadWrite | OpenFile.Create | OpenFile.Append | OpenFile.NoFollow, LogMode);
            FileStatus status = FileStatus.OfHandle(handle, layout.EventsPath);
            if (status.Size == 0 && FileStatus.OfPath(layout.PrivatePath) is { } owner)
            {
                FileOwner.Adopt(layout.EventsPath, owner);
            }

            RandomAccess.Write(handle, line, status.Size);
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private void TurnOverWhenFull()
    {
        if (FileStatus.OfPath(layout.EventsPath) is not { } status || status.Size < largestSize)
        {
            return;
        }

        using BaseFileLock? turn = BaseFileLock.TryAcquire(layout.EventsLockPath);
        if (turn is not null && FileStatus.OfPath(layout.EventsPath) is { } again && again.Size >= largestSize)
        {
            Rename.Replace(layout.EventsPath, Path.ChangeExtension(layout.EventsPath, ".1.jsonl"));
        }
    }
}
