using ImageCache.Engine.Native.Posix;
using Microsoft.Win32.SafeHandles;

namespace ImageCache.Engine.Transfer;

/// <summary>A file as a byte source; its holes are found, not read.</summary>
/// <remarks>In the background it reads when the disk is idle, and leaves the memory that files are kept in as it found it.</remarks>
internal sealed class FileByteSource : IByteSource
{
    // A hole of any length is handed on in pieces, so that whoever looks at it can be stopped in between.
    private const long LongestHole = 16 << 20;

    private readonly string _path;
    private readonly SafeFileHandle _handle;
    private readonly long _length;
    private readonly PageCacheGuard? _background;

    private FileByteSource(string path, SafeFileHandle handle, long length, bool inBackground)
    {
        _path = path;
        _handle = handle;
        _length = length;
        _background = inBackground ? new PageCacheGuard(handle, length) : null;
    }

    public long? Length => _length;

    /// <summary>The file as it is now; it need not be what has the name any more.</summary>
    public FileStatus Status => FileStatus.OfHandle(_handle, _path);

    /// <summary>Opens a regular file, by a link too: the user named it.</summary>
    /// <exception cref="NotFoundException">There is none.</exception>
    /// <exception cref="UnavailableException">It cannot be read.</exception>
    public static FileByteSource Open(string path) => Open(path, OpenFile.ReadOnly, inBackground: false);

    /// <summary>Opens a regular file of the cache; a link in its place is refused.</summary>
    /// <exception cref="NotFoundException">There is none.</exception>
    /// <exception cref="UnavailableException">It cannot be read.</exception>
    public static FileByteSource OpenCached(string path, bool inBackground) => Open(path, OpenFile.ReadOnly | OpenFile.NoFollow, inBackground);

    public Task<IByteReader> OpenAsync(long offset, CancellationToken cancellationToken)
        => Task.FromResult<IByteReader>(new Reader(this, offset));

    private static FileByteSource Open(string path, int flags, bool inBackground)
    {
        SafeFileHandle? handle = null;
        try
        {
            handle = OpenFile.Open(path, flags);
            FileStatus status = FileStatus.OfHandle(handle, path);
            return status.IsRegular
                ? new FileByteSource(path, handle, status.Size, inBackground)
                : throw new IOException($"'{path}' is not a regular file");
        }
        catch (IOException e)
        {
            handle?.Dispose();
            throw e.HResult == PosixError.ENOENT
                ? new NotFoundException(ErrorIds.ImageDataNotFound, $"There is no file '{path}'.", path, cause: e)
                : new UnavailableException(
                    ErrorIds.ServiceUnavailable, $"'{path}' cannot be read: {e.Message}", path, cause: e, category: FailureCategory.ResourceUnavailable);
        }
    }

    /// <summary>Reads the file's beginning.</summary>
    /// <returns>Bytes read: fewer than there is room for only when the file is shorter.</returns>
    /// <exception cref="IOException">It cannot be read.</exception>
    public int ReadBeginning(Span<byte> buffer)
    {
        int length = 0;
        int read;
        while (length < buffer.Length && (read = RandomAccess.Read(_handle, buffer[length..], length)) > 0)
        {
            length += read;
        }

        return length;
    }

    public ValueTask DisposeAsync()
    {
        _handle.Dispose();
        return ValueTask.CompletedTask;
    }

    // Behind the end of a file that was cut off there is no data, which looks like a hole.
    private void RequireLength()
    {
        if (FileStatus.OfHandle(_handle, _path).Size < _length)
        {
            throw Shrunk();
        }
    }

    private TransferInterruptedException Shrunk() => new($"'{_path}' became shorter while it was read") { EndedEarly = true };

    private sealed class Reader(FileByteSource source, long start) : IByteReader
    {
        private long _offset = start;
        private long _dataEnd = start;

        public long Start { get; } = start;

        public async ValueTask<ReadRun> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken)
        {
            if (_offset >= source._length)
            {
                return default;
            }

            if (_offset >= _dataEnd)
            {
                (bool isHole, long end) = SparseSeek.RunAt(source._handle, _offset, source._length);
                if (isHole)
                {
                    source.RequireLength();
                    long hole = Math.Min(end - _offset, LongestHole);
                    _offset += hole;
                    return new ReadRun(0, hole);
                }

                _dataEnd = end;
            }

            int most = (int)Math.Min(buffer.Length, _dataEnd - _offset);
            int read;
            try
            {
                read = source._background is null
                    ? await RandomAccess.ReadAsync(source._handle, buffer[..most], _offset, cancellationToken).ConfigureAwait(false)
                    : ReadWhenIdle(buffer.Span[..most]);
            }
            catch (IOException e)
            {
                throw new UnavailableException(
                    ErrorIds.TransferFailed, $"'{source._path}' cannot be read at byte {_offset}: {e.Message}", source._path, cause: e);
            }

            _offset += read;
            source._background?.Passed(_offset);
            return read > 0
                ? new ReadRun(read, 0)
                : throw source.Shrunk();
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;

        // The priority is the thread's, so this thread must do the reading.
        private int ReadWhenIdle(Span<byte> buffer)
        {
            int before = IoPriority.EnterIdle();
            try
            {
                return RandomAccess.Read(source._handle, buffer, _offset);
            }
            finally
            {
                IoPriority.Restore(before);
            }
        }
    }
}
