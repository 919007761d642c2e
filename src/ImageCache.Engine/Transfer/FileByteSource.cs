using ImageCache.Engine.Native.Posix;
using Microsoft.Win32.SafeHandles;

namespace ImageCache.Engine.Transfer;

/// <summary>A file as a byte source; its holes are found, not read.</summary>
internal sealed class FileByteSource : IByteSource
{
    private readonly string _path;
    private readonly SafeFileHandle _handle;
    private readonly long _length;

    private FileByteSource(string path, SafeFileHandle handle, long length)
    {
        _path = path;
        _handle = handle;
        _length = length;
    }

    public long? Length => _length;

    /// <summary>Opens a regular file.</summary>
    /// <exception cref="NotFoundException">There is none.</exception>
    /// <exception cref="UnavailableException">It cannot be read.</exception>
    public static FileByteSource Open(string path)
    {
        SafeFileHandle? handle = null;
        try
        {
            handle = OpenFile.Open(path, OpenFile.ReadOnly);
            FileStatus status = FileStatus.OfHandle(handle, path);
            return status.IsRegular
                ? new FileByteSource(path, handle, status.Size)
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

    public Task<IByteReader> OpenAsync(long offset, CancellationToken cancellationToken)
        => Task.FromResult<IByteReader>(new Reader(this, offset));

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
                    long hole = end - _offset;
                    _offset = end;
                    return new ReadRun(0, hole);
                }

                _dataEnd = end;
            }

            int most = (int)Math.Min(buffer.Length, _dataEnd - _offset);
            int read;
            try
            {
                read = await RandomAccess.ReadAsync(source._handle, buffer[..most], _offset, cancellationToken).ConfigureAwait(false);
            }
            catch (IOException e)
            {
                throw new UnavailableException(
                    ErrorIds.TransferFailed, $"'{source._path}' cannot be read at byte {_offset}: {e.Message}", source._path, cause: e);
            }

            _offset += read;
            return read > 0
                ? new ReadRun(read, 0)
                : throw source.Shrunk();
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
