using ImageCache.Engine.Native.Posix;
using Microsoft.Win32.SafeHandles;

namespace ImageCache.Engine.Transfer;

/// <summary>
/// Writes the bytes into a file, leaving runs of zeros as holes; past the page cache where that is possible, elsewhere it keeps the
/// kernel writing while the digest is computed, so that little is left for the last sync.
/// </summary>
internal sealed class SparseFileWriter(SafeFileHandle file) : ITransferStage, IDisposable
{
    // A hole is worth it from one page-sized, aligned block on; longer runs are joined by the file system.
    private const int BlockSize = 64 * 1024;
    private const long WriteBehind = 16 << 20;

    // Writes of 4 MiB into the page cache took four times the system time (Linux 6.18, ext4), presumably to find memory in pieces that large.
    private const int LargestCopy = 1 << 20;

    private readonly DirectFile? _direct = DirectFile.TryOpen(file);
    private long _started;

    public void Data(ReadOnlySpan<byte> data, long offset)
    {
        int begin = 0;
        while (begin < data.Length)
        {
            int length = RunLength(data[begin..], offset + begin, out bool isZero);
            if (!isZero)
            {
                Write(data.Slice(begin, length), offset + begin);
            }

            begin += length;
        }

        StartWriting(offset + data.Length);
    }

    public void Hole(long length, long offset)
    {
        // Nothing to write: the length is set at the end, and what was never written reads as zeros.
    }

    public void Reset()
    {
        RandomAccess.SetLength(file, 0);
        _started = 0;
    }

    public void Complete(long length)
    {
        RandomAccess.SetLength(file, length);
        Sync.StartWriting(file, _started, length - _started);
    }

    public void Dispose() => _direct?.Dispose();

    private void Write(ReadOnlySpan<byte> run, long offset)
    {
        if (_direct?.TryWrite(run, offset) is true)
        {
            return;
        }

        for (int written = 0; written < run.Length; written += LargestCopy)
        {
            RandomAccess.Write(file, run.Slice(written, Math.Min(LargestCopy, run.Length - written)), offset + written);
        }
    }

    // Blocks are aligned to the file, whatever the chunks are. A run is all zero blocks or all others.
    private static int RunLength(ReadOnlySpan<byte> data, long offset, out bool isZero)
    {
        int length = FirstBlock(data, offset);
        isZero = !data[..length].ContainsAnyExcept((byte)0);
        while (length < data.Length)
        {
            int next = FirstBlock(data[length..], offset + length);
            if (!data.Slice(length, next).ContainsAnyExcept((byte)0) != isZero)
            {
                break;
            }

            length += next;
        }

        return length;
    }

    private static int FirstBlock(ReadOnlySpan<byte> data, long offset)
        => (int)Math.Min(data.Length, BlockSize - (offset % BlockSize));

    private void StartWriting(long end)
    {
        if (end - _started >= WriteBehind)
        {
            Sync.StartWriting(file, _started, end - _started);
            _started = end;
        }
    }
}
