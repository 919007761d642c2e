using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using ImageCache.Engine.Native.Posix;

namespace ImageCache.Engine.Life.Popularity;

/// <summary>
/// Disks as 64 bits each, packed. A disk is known by its inode and the moment when it was made, so that it stays the same one when its
/// directory is renamed (nova's resize does that), and another one when its inode is given away again. The device is left out: its number
/// changes with a restart. File systems that keep no such moment have the path in its place.
/// </summary>
internal static class DiskMarks
{
    private const int Width = sizeof(ulong);

    /// <summary>The mark of a disk.</summary>
    /// <returns><see langword="null"/> when there is no such file any more.</returns>
    public static ulong? Of(string path)
    {
        try
        {
            return FileStatus.OfPath(path, follow: true) is { IsDirectory: false } status ? Of(path, status.Inode, status.BornNanoseconds) : null;
        }
        catch (IOException)
        {
            return null;
        }
    }

    /// <summary>The mark of a disk with these facts.</summary>
    public static ulong Of(string path, ulong inode, long? bornNanoseconds)
    {
        string identity = bornNanoseconds is { } born
            ? string.Create(CultureInfo.InvariantCulture, $"{inode}@{born}")
            : string.Create(CultureInfo.InvariantCulture, $"{inode}:{path}");
        return BinaryPrimitives.ReadUInt64LittleEndian(SHA256.HashData(Encoding.UTF8.GetBytes(identity)));
    }

    /// <summary>Packs marks, in order, each once.</summary>
    public static byte[] Pack(IEnumerable<ulong> marks)
    {
        ulong[] ordered = [.. marks.Distinct().Order()];
        byte[] packed = new byte[ordered.Length * Width];
        for (int index = 0; index < ordered.Length; index++)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(packed.AsSpan(index * Width), ordered[index]);
        }

        return packed;
    }

    /// <summary>Unpacks what <see cref="Pack"/> made; bytes too many say nothing.</summary>
    public static HashSet<ulong> Unpack(ReadOnlySpan<byte> packed)
    {
        HashSet<ulong> marks = [];
        for (ReadOnlySpan<byte> rest = packed; rest.Length >= Width; rest = rest[Width..])
        {
            marks.Add(BinaryPrimitives.ReadUInt64LittleEndian(rest));
        }

        return marks;
    }

    /// <summary>How many disks there are.</summary>
    public static int Count(byte[] packed) => packed.Length / Width;
}
