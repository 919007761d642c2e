using System.Buffers;
using System.Net;
using ImageCache.Engine.OpenStack.Http;

namespace ImageCache.Engine.Transfer;

/// <summary>
/// Image data over several connections at once, handed on in order: the segments ahead are read into memory meanwhile. For paths
/// on which one connection is slower than the line.
/// </summary>
internal sealed class ParallelRangeReader : IByteReader
{
    private const int SegmentSize = 4 << 20;

    private readonly long _length;
    private readonly TimeSpan _window;
    private readonly HttpOpen _open;
    private readonly CancellationTokenSource _stop = new();
    private readonly Queue<Task<Segment>> _ahead = new();
    private long _next;
    private Segment? _current;

    /// <param name="start">Where to begin.</param>
    /// <param name="length">Bytes of the whole image.</param>
    /// <param name="connections">Segments in work at once.</param>
    /// <param name="window">The time in which a trickle must bring a minimum of bytes.</param>
    /// <param name="open">Sends one GET.</param>
    public ParallelRangeReader(long start, long length, int connections, TimeSpan window, HttpOpen open)
    {
        Start = _next = start;
        _length = length;
        _window = window;
        _open = open;
        for (int i = 0; i < connections; i++)
        {
            Enqueue();
        }
    }

    public long Start { get; }

    /// <summary>Whether so much is left that several connections are worth their while.</summary>
    public static bool IsWorthwhile(long bytesLeft) => bytesLeft >= 4L * SegmentSize;

    public async ValueTask<ReadRun> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        if (_current is null)
        {
            if (!_ahead.TryPeek(out Task<Segment>? first))
            {
                return default;
            }

            _current = await first.WaitAsync(cancellationToken).ConfigureAwait(false);
            _ = _ahead.Dequeue();
            Enqueue();
        }

        int count = Math.Min(buffer.Length, _current.Count - _current.Read);
        _current.Buffer.AsMemory(_current.Read, count).CopyTo(buffer);
        _current.Read += count;
        if (_current.Read == _current.Count)
        {
            Return(ref _current);
        }

        return new ReadRun(count, 0);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        Return(ref _current);
        foreach (Task<Segment> task in _ahead)
        {
            await ((Task)task).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (task.IsCompletedSuccessfully)
            {
                Segment? segment = await task.ConfigureAwait(false);
                Return(ref segment);
            }
        }

        _stop.Dispose();
    }

    private static void Return(ref Segment? segment)
    {
        if (segment is not null)
        {
            ArrayPool<byte>.Shared.Return(segment.Buffer);
            segment = null;
        }
    }

    private void Enqueue()
    {
        if (_next < _length)
        {
            int count = (int)Math.Min(SegmentSize, _length - _next);
            _ahead.Enqueue(FetchAsync(_next, count));
            _next += count;
        }
    }

    private async Task<Segment> FetchAsync(long offset, int count)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(count);
        try
        {
            DataResponse answer = await _open(offset, count, _stop.Token).ConfigureAwait(false);
            HttpByteReader reader = new(answer, offset, _window);
            await using System.Runtime.CompilerServices.ConfiguredAsyncDisposable read = reader.ConfigureAwait(false);
            RequirePart(answer, offset, count);
            int filled = 0;
            while (filled < count)
            {
                ReadRun run = await reader.ReadAsync(buffer.AsMemory(filled, count - filled), _stop.Token).ConfigureAwait(false);
                filled += run.Count > 0
                    ? run.Count
                    : throw new TransferInterruptedException($"a part of the data ended after {filled} of {count} bytes");
            }

            return new Segment(buffer, count);
        }
        catch
        {
            ArrayPool<byte>.Shared.Return(buffer);
            throw;
        }
    }

    private static void RequirePart(DataResponse answer, long offset, int count)
    {
        switch (answer.Status)
        {
            case HttpStatusCode.PartialContent when answer.Range?.From == offset && answer.Range.To == offset + count - 1:
                return;

            // A whole answer to a range means that the data are not the same any more; a refusal, that another store answers now.
            case HttpStatusCode.PartialContent or HttpStatusCode.OK or HttpStatusCode.BadRequest
                or HttpStatusCode.RequestedRangeNotSatisfiable or HttpStatusCode.NotImplemented:
                throw new TransferInterruptedException("the server did not give the part of the data that was asked for");

            default:
                throw HttpByteSource.Refusal(answer);
        }
    }

    private sealed class Segment(byte[] buffer, int count)
    {
        public byte[] Buffer { get; } = buffer;

        public int Count { get; } = count;

        public int Read { get; set; }
    }
}
