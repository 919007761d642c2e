using System.Text.Json;
using ImageCache.Engine.Native.Posix;
using ImageCache.Engine.Store;
using Microsoft.Win32.SafeHandles;

namespace ImageCache.Engine.Life.Popularity;

/// <summary>
/// uses.jsonl: uses that were noted since they were last summed up, one JSON object a line. A note is one short write at the end, so that a
/// hit pays for nothing else. Who writes or sums up holds the popularity lock; what others put there is skipped.
/// </summary>
internal sealed class UseNotes(CacheLayout layout)
{
    /// <summary>The size from which the notes are summed up.</summary>
    public const long Enough = 64 << 10;

    // Where nobody may write the sum, noting ends here.
    private const long Largest = 512 << 10;
    private const int LongestId = 255;

    private const UnixFileMode NotesMode =
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    private static readonly StoredJsonContext s_json = new(new JsonSerializerOptions(JsonSerializerDefaults.Web));

    private string FullPath => Path.Join(layout.PrivatePath, CacheLayout.UsesName);

    /// <summary>Appends a use.</summary>
    /// <returns>The size of the notes then.</returns>
    /// <exception cref="IOException">It could not be written.</exception>
    public long Append(NotedUse use)
    {
        byte[] line = [.. JsonSerializer.SerializeToUtf8Bytes(use, s_json.NotedUse), (byte)'\n'];
        using HeldDirectory ours = HeldDirectory.Open(layout, CacheLayout.PrivateName);
        using SafeFileHandle handle = OpenFile.Open(
            ours.PathOf(CacheLayout.UsesName), OpenFile.ReadWrite | OpenFile.Create | OpenFile.Append | OpenFile.NoFollow, NotesMode);
        FileStatus status = FileStatus.OfHandle(handle, FullPath);
        if (!status.IsRegular || status.Size > Largest)
        {
            return status.Size;
        }

        if (status.Size == 0)
        {
            FileOwner.Adopt(handle, FullPath, ours.Status);
        }

        RandomAccess.Write(handle, line, status.Size);
        return status.Size + line.Length;
    }

    /// <summary>The uses that are noted; none where there are no notes, or none of ours.</summary>
    public IReadOnlyList<NotedUse> Read()
    {
        try
        {
            return DocumentBytes.ReadIfExists(FullPath) is { } content ? [.. Parse(content)] : [];
        }
        catch (IOException)
        {
            return [];
        }
    }

    /// <summary>Empties the notes, once they are summed up.</summary>
    public void Clear()
    {
        using HeldDirectory ours = HeldDirectory.Open(layout, CacheLayout.PrivateName);
        if (FileStatus.OfPath(ours.PathOf(CacheLayout.UsesName)) is not null)
        {
            ours.Remove(CacheLayout.UsesName);
        }
    }

    private static List<NotedUse> Parse(byte[] content)
    {
        List<NotedUse> uses = [];
        foreach (Range line in content.AsSpan().Split((byte)'\n'))
        {
            if (ParseLine(content.AsSpan(line)) is { Id: { Length: > 0 and <= LongestId } id } use && !id.Any(char.IsControl))
            {
                uses.Add(use);
            }
        }

        return uses;
    }

    private static NotedUse? ParseLine(ReadOnlySpan<byte> line)
    {
        try
        {
            return line.IsEmpty ? null : JsonSerializer.Deserialize(line, s_json.NotedUse);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
