using ImageCache.Engine.Formats;
using ImageCache.Engine.Native.Posix;
using Microsoft.Win32.SafeHandles;

namespace ImageCache.Engine.Life.Usage;

/// <summary>What disks are built on, each read once in a scan, and not at all while the memory of an earlier scan holds.</summary>
internal sealed class DiskHeaders(ScanMemory memory)
{
    private readonly Dictionary<string, BackingReference> _read = new(StringComparer.Ordinal);

    /// <summary>How many were read.</summary>
    public int Read { get; private set; }

    /// <summary>How many were known.</summary>
    public int Known { get; private set; }

    /// <summary>Tells what a disk is built on. What is no file is built on nothing; nothing ever waits at a pipe, or opens a device.</summary>
    public BackingReference Of(in DiskFile disk)
    {
        if (!_read.TryGetValue(disk.Path, out BackingReference? reference))
        {
            _read[disk.Path] = reference = TryRead(disk);
        }

        return reference;
    }

    /// <summary>Whether a disk was looked at already.</summary>
    public bool Has(string path) => _read.ContainsKey(path);

    private BackingReference TryRead(in DiskFile disk)
    {
        try
        {
            string path = disk.Handle ?? disk.Path;
            if ((disk.Status ?? FileStatus.OfPath(path, follow: true)) is not { IsRegular: true } status)
            {
                return BackingReference.None;
            }

            if (memory.Find(disk.Path, DiskMark.Of(status)) is { } known)
            {
                Known++;
                return known;
            }

            return ReadNow(disk.Path, path);
        }
        catch (IOException e) when (e.HResult is PosixError.ENOENT or PosixError.ENOTDIR or PosixError.ELOOP)
        {
            return BackingReference.None;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return BackingReference.Unknown(e.Message);
        }
    }

    private BackingReference ReadNow(string name, string path)
    {
        using SafeFileHandle handle = OpenFile.Open(path, OpenFile.ReadOnly);
        FileStatus status = FileStatus.OfHandle(handle, path);
        if (!status.IsRegular)
        {
            return BackingReference.None;
        }

        BackingReference reference = BackingFileReader.Read(handle);
        Read++;
        memory.Note(name, DiskMark.Of(status), reference);
        return reference;
    }
}
