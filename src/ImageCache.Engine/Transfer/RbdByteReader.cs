using ImageCache.Engine.Native.Posix;
using ImageCache.Engine.Native.Rbd;

namespace ImageCache.Engine.Transfer;

/// <summary>
/// A snapshot in order, several reads ahead. Which parts hold data is asked for window by window, the next while one is read, so
/// that neither memory nor the wait for the first byte grows with the image.
/// </summary>
internal sealed class RbdByteReader : IByteReader, IBufferExchange
{
    private const int MemoryAhead = 8 << 20;
    private const long WindowSize = 1L << 30;

    private readonly RbdByteSource _source;
    private readonly int _readSize;
    private readonly int _readsAhead;
    private readonly Queue<AlignedBuffer> _buffers = new();
    private readonly Queue<Ahead> _ahead = new();
    private readonly CancellationTokenSource _stop = new();
    private IEnumerator<RbdPiece> _pieces = Enumerable.Empty<RbdPiece>().GetEnumerator();
    private Task<IEnumerable<RbdPiece>>? _window;
    private Task? _unchanged;
    private long _windowStart;
    private int _inFlight;
    private Ahead? _current;
    private int _read;

    public RbdByteReader(RbdByteSource source, long start)
    {
        _source = source;
        _readSize = (int)Math.Min(source.BlockSize, source.ObjectSize);
        _readsAhead = MemoryAhead / source.BlockSize;
        _windowStart = Start = start;
        AskForWindow();
    }

    public long Start { get; }

    public async ValueTask<ReadRun> ReadAsync(TransferBlock block, CancellationToken cancellationToken)
    {
        if (await NextAsync(cancellationToken).ConfigureAwait(false) is not { } next)
        {
            return default;
        }

        if (next.Piece.IsHole)
        {
            return new ReadRun(0, next.Piece.Length);
        }

        _buffers.Enqueue(block.Buffer!);
        block.Buffer = next.Buffer;
        return new ReadRun((int)next.Piece.Length, 0);
    }

    public async ValueTask<ReadRun> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        _current ??= await NextAsync(cancellationToken).ConfigureAwait(false);
        if (_current is not { Piece.IsHole: false } current)
        {
            ReadRun run = new(0, _current?.Piece.Length ?? 0);
            _current = null;
            return run;
        }

        int count = Math.Min(buffer.Length, (int)current.Piece.Length - _read);
        current.Buffer!.Span.Slice(_read, count).CopyTo(buffer.Span);
        _read += count;
        if (_read == current.Piece.Length)
        {
            _buffers.Enqueue(current.Buffer!);
            _current = null;
            _read = 0;
        }

        return new ReadRun(count, 0);
    }

    // Reads in flight keep their buffers and the image; nobody has to wait for them.
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        _stop.Dispose();
        _pieces.Dispose();
        foreach (Task task in _ahead.Select(static ahead => ahead.Reading).Append(_window).Append(_unchanged).OfType<Task>())
        {
            _ = task.ContinueWith(static ended => ended.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
        }
    }

    // The next piece, its data read; nothing at the end.
    private async ValueTask<Ahead?> NextAsync(CancellationToken cancellationToken)
    {
        await ReadAheadAsync(cancellationToken).ConfigureAwait(false);
        if (!_ahead.TryDequeue(out Ahead? next))
        {
            await RequireUnchanged().WaitAsync(cancellationToken).ConfigureAwait(false);
            return null;
        }

        if (next.Reading is not null)
        {
            await next.Reading.WaitAsync(cancellationToken).ConfigureAwait(false);
            _inFlight--;
        }

        return next;
    }

    private async ValueTask ReadAheadAsync(CancellationToken cancellationToken)
    {
        while (_inFlight < _readsAhead)
        {
            if (_pieces.MoveNext())
            {
                Begin(_pieces.Current);
            }
            else if (_window is null)
            {
                _ = RequireUnchanged();
                return;
            }
            else if (_ahead.Count > 0 && !_window.IsCompleted)
            {
                return;
            }
            else
            {
                IEnumerable<RbdPiece> pieces = await _window.WaitAsync(cancellationToken).ConfigureAwait(false);
                _pieces.Dispose();
                _pieces = pieces.GetEnumerator();
                AskForWindow();
            }
        }
    }

    private void Begin(RbdPiece piece)
    {
        if (piece.IsHole)
        {
            _ahead.Enqueue(new Ahead(piece, null, null));
            return;
        }

        AlignedBuffer buffer = _buffers.TryDequeue(out AlignedBuffer? free) ? free : new AlignedBuffer(_source.BlockSize);
        _ahead.Enqueue(new Ahead(piece, buffer, _source.ReadAsync(piece, buffer)));
        _inFlight++;
    }

    // Asked once the last read is done, while what was read is still on its way through the pipeline.
    private Task RequireUnchanged()
        => _unchanged ??= RequireUnchangedAfterAsync([.. _ahead.Select(static ahead => ahead.Reading).OfType<Task>()]);

    private async Task RequireUnchangedAfterAsync(List<Task> reads)
    {
        await Task.WhenAll(reads).ConfigureAwait(false);
        await _source.RequireUnchangedAsync(_stop.Token).ConfigureAwait(false);
    }

    private void AskForWindow()
    {
        long start = _windowStart;
        long end = Math.Min(_source.Size, (start / WindowSize * WindowSize) + WindowSize);
        _windowStart = end;
        _window = start < end ? PlanAsync(start, end) : null;
    }

    private async Task<IEnumerable<RbdPiece>> PlanAsync(long start, long end)
    {
        IReadOnlyList<RbdExtent> data = await _source.DataExtentsAsync(start, end - start, _stop.Token).ConfigureAwait(false);
        return RbdPlan.Pieces(start, end, data, _readSize);
    }

    private sealed record Ahead(RbdPiece Piece, AlignedBuffer? Buffer, Task? Reading);
}
