using System.Text;
using ImageCache.Engine.Formats;

namespace ImageCache.Engine.Life.Usage;

/// <summary>The bytes of a scan's memory: little-endian numbers, and strings in UTF-8 with their length before them.</summary>
internal static class ScanMemoryFormat
{
    private const string Magic = "ImageCache use 1";
    private const int LongestText = 8192;
    private static readonly UTF8Encoding s_strict = new(false, throwOnInvalidBytes: true);

    public static byte[] Write(Dictionary<string, ScanMemoryEntry> entries, string cachePath)
    {
        using MemoryStream stream = new();
        using BinaryWriter writer = new(stream, s_strict);
        writer.Write(Magic);
        writer.Write(cachePath);
        writer.Write(entries.Count);
        foreach ((string path, ScanMemoryEntry entry) in entries)
        {
            writer.Write(path);
            writer.Write(entry.Mark.Major);
            writer.Write(entry.Mark.Minor);
            writer.Write(entry.Mark.Inode);
            writer.Write(entry.Mark.Size);
            writer.Write(entry.Mark.Modified);
            writer.Write(entry.Mark.Changed);
            writer.Write(entry.Reference.BackingFile ?? string.Empty);
            writer.Write(entry.Reference.BackingFormat ?? string.Empty);
            writer.Write(entry.Reference.DataFile ?? string.Empty);
        }

        writer.Flush();
        return stream.ToArray();
    }

    /// <summary>Reads it back.</summary>
    /// <returns><see langword="null"/> when it is another thing, of another version, or for another cache.</returns>
    public static Dictionary<string, ScanMemoryEntry>? TryRead(byte[] content, string cachePath)
    {
        try
        {
            using MemoryStream stream = new(content, writable: false);
            using BinaryReader reader = new(stream, s_strict);
            if (Text(reader) != Magic || Text(reader) != cachePath)
            {
                return null;
            }

            Dictionary<string, ScanMemoryEntry> entries = new(StringComparer.Ordinal);
            for (int count = reader.ReadInt32(); count > 0; count--)
            {
                string path = Text(reader) ?? throw new FormatException("an entry has no path");
                entries[path] = ReadEntry(reader);
            }

            return stream.Position == stream.Length ? entries : null;
        }
        catch (Exception e) when (e is IOException or FormatException or ArgumentException)
        {
            return null;
        }
    }

    private static ScanMemoryEntry ReadEntry(BinaryReader reader)
    {
        DiskMark mark = new(
            reader.ReadUInt32(), reader.ReadUInt32(), reader.ReadUInt64(), reader.ReadInt64(), reader.ReadInt64(), reader.ReadInt64());
        return new ScanMemoryEntry(mark, new BackingReference(Text(reader), Text(reader), Text(reader), null));
    }

    private static string? Text(BinaryReader reader)
    {
        int length = reader.Read7BitEncodedInt();
        if (length is < 0 or > LongestText)
        {
            throw new FormatException("a text is too long");
        }

        byte[] bytes = reader.ReadBytes(length);
        return bytes.Length != length ? throw new EndOfStreamException() : length == 0 ? null : s_strict.GetString(bytes);
    }
}
