using System.Threading.Channels;
using ImageCache.Engine.Native.Posix;

namespace ImageCache.Engine.Transfer;

/// <summary>
/// Bytes go once through fixed buffers: the reader fills one while the stages look at others, each group of stages on a thread of
/// its own, because the digest costs as much as all the rest. Memory does not grow with the image. Survives breaks:
/// <see cref="PumpAsync"/> may be called again for the rest, or after <see cref="ResetAsync"/> from the start.
/// </summary>
internal sealed class TransferPipeline : IAsyncDisposable
{
    private const int Memory = 8 << 20;

    private readonly Channel<TransferBlock> _free = Channel.CreateUnbounded<TransferBlock>();
    private readonly List<Channel<TransferBlock>> _lanes = [];
    private readonly List<Task> _workers = [];
    private readonly CancellationTokenSource _failed = new();
    private readonly RateLimiter? _limiter;
    private readonly WorkProgress _progress;
    private readonly int _blockSize;
    private Exception? _failure;

    /// <param name="lanes">Groups of stages; each group runs on its own thread.</param>
    /// <param name="limiter">The rate limit, if any.</param>
    /// <param name="progress">Counts the bytes.</param>
    /// <param name="blockSize">Bytes of a block.</param>
    public TransferPipeline(
        IEnumerable<IReadOnlyList<ITransferStage>> lanes, RateLimiter? limiter, WorkProgress progress, int blockSize = TransferBlock.UsualSize)
    {
        _blockSize = blockSize;
        _limiter = limiter;
        _progress = progress;
        int buffers = Memory / blockSize;
        for (int i = 0; i < buffers; i++)
        {
            _free.Writer.TryWrite(new TransferBlock { Buffer = new AlignedBuffer(blockSize) });
        }

        foreach (IReadOnlyList<ITransferStage> lane in lanes)
        {
            Channel<TransferBlock> channel = Channel.CreateBounded<TransferBlock>(buffers);
            _lanes.Add(channel);
            _workers.Add(Task.Factory.StartNew(
                () => RunLane(channel.Reader, lane), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default));
        }
    }

    /// <summary>Bytes that went in since the last reset; where the next reader should begin.</summary>
    public long Offset { get; private set; }

    /// <summary>Bytes that were read in all, those of failed attempts included, holes not.</summary>
    public long BytesRead { get; private set; }

    /// <summary>Reads until the end of the source.</summary>
    /// <param name="reader">The source from <see cref="Offset"/> on.</param>
    /// <param name="largest">The most bytes that there may be in all; one more is an error.</param>
    /// <param name="onTooLong">Makes that error from the count seen.</param>
    /// <param name="cancellationToken">Stops the transfer.</param>
    public async Task PumpAsync(IByteReader reader, long largest, Func<long, Exception> onTooLong, CancellationToken cancellationToken)
    {
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _failed.Token);
        try
        {
            while (true)
            {
                TransferBlock block = await _free.Reader.ReadAsync(either.Token).ConfigureAwait(false);
                ReadRun last = reader is IBufferExchange exchange
                    ? await ExchangeAsync(exchange, block, RequireRoom, either.Token).ConfigureAwait(false)
                    : await FillAsync(reader, block, RequireRoom, either.Token).ConfigureAwait(false);
                if (last.IsEnd)
                {
                    return;
                }
            }
        }
        catch (OperationCanceledException) when (_failure is not null)
        {
            throw Failure();
        }

        void RequireRoom(long seen)
        {
            if (seen > largest)
            {
                throw onTooLong(seen);
            }
        }
    }

    /// <summary>Makes every stage forget what it saw.</summary>
    public async Task ResetAsync(CancellationToken cancellationToken)
    {
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _failed.Token);
        try
        {
            await SendAsync(new TransferBlock { IsReset = true }, either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (_failure is not null)
        {
            throw Failure();
        }

        Offset = 0;
        _progress.Set(0);
    }

    /// <summary>Waits until every stage has seen all bytes.</summary>
    public async Task CompleteAsync()
    {
        await StopAsync().ConfigureAwait(false);
        if (_failure is not null)
        {
            throw Failure();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _failed.CancelAsync().ConfigureAwait(false);
        await StopAsync().ConfigureAwait(false);
        _failed.Dispose();
    }

    private async Task StopAsync()
    {
        foreach (Channel<TransferBlock> lane in _lanes)
        {
            lane.Writer.TryComplete();
        }

        await Task.WhenAll(_workers).ConfigureAwait(false);
    }

    // Fills one buffer as far as the source gives data without a hole, and sends it, and the hole behind it, on.
    private async Task<ReadRun> FillAsync(IByteReader reader, TransferBlock block, Action<long> requireRoom, CancellationToken cancellationToken)
    {
        int most = LargestRead;
        int filled = 0;
        ReadRun run = default;
        try
        {
            while (filled < most)
            {
                run = await reader.ReadAsync(block.Buffer!.Memory[filled..most], cancellationToken).ConfigureAwait(false);
                requireRoom(Offset + filled + run.Count + run.Hole);
                filled += run.Count;
                if (run.Count == 0)
                {
                    break;
                }

                await CountAsync(run.Count, cancellationToken).ConfigureAwait(false);
            }
        }
        catch (Exception e) when (e is TransferInterruptedException or MoreConnectionsException)
        {
            // What arrived before the break is good: the next attempt goes on behind it.
            int last = (e as MoreConnectionsException)?.Read ?? 0;
            filled += last;
            BytesRead += last;
            _progress.Add(last);
            await SendDataAsync(block, filled, cancellationToken).ConfigureAwait(false);
            throw;
        }

        await SendDataAsync(block, filled, cancellationToken).ConfigureAwait(false);
        await SendHoleAsync(run.Hole, cancellationToken).ConfigureAwait(false);
        return run;
    }

    private async Task<ReadRun> ExchangeAsync(
        IBufferExchange reader, TransferBlock block, Action<long> requireRoom, CancellationToken cancellationToken)
    {
        ReadRun run = default;
        try
        {
            run = await reader.ReadAsync(block, cancellationToken).ConfigureAwait(false);
            requireRoom(Offset + run.Count + run.Hole);
            for (int counted = 0; counted < run.Count; counted += LargestRead)
            {
                await CountAsync(Math.Min(LargestRead, run.Count - counted), cancellationToken).ConfigureAwait(false);
            }
        }
        finally
        {
            await SendDataAsync(block, run.Count, cancellationToken).ConfigureAwait(false);
        }

        await SendHoleAsync(run.Hole, cancellationToken).ConfigureAwait(false);
        return run;
    }

    private int LargestRead => Math.Min(_limiter?.LargestRequest ?? _blockSize, _blockSize);

    private Task CountAsync(int count, CancellationToken cancellationToken)
    {
        BytesRead += count;
        _progress.Add(count);
        return _limiter?.TakeAsync(count, cancellationToken) ?? Task.CompletedTask;
    }

    private async Task SendHoleAsync(long length, CancellationToken cancellationToken)
    {
        if (length > 0)
        {
            await SendAsync(new TransferBlock { Hole = length, Offset = Offset }, cancellationToken).ConfigureAwait(false);
            Offset += length;
            _progress.Add(length);
        }
    }

    private async Task SendDataAsync(TransferBlock block, int filled, CancellationToken cancellationToken)
    {
        block.Offset = Offset;
        block.Count = filled;
        if (filled == 0)
        {
            _free.Writer.TryWrite(block);
            return;
        }

        await SendAsync(block, cancellationToken).ConfigureAwait(false);
        Offset += filled;
    }

    private async Task SendAsync(TransferBlock block, CancellationToken cancellationToken)
    {
        block.Hand(_lanes.Count);
        foreach (Channel<TransferBlock> lane in _lanes)
        {
            await lane.Writer.WriteAsync(block, cancellationToken).ConfigureAwait(false);
        }
    }

    private void RunLane(ChannelReader<TransferBlock> reader, IReadOnlyList<ITransferStage> stages)
    {
        try
        {
            while (WaitToRead(reader))
            {
                while (reader.TryRead(out TransferBlock? block))
                {
                    Show(block, stages);
                    if (block.Release() && block.Buffer is not null)
                    {
                        _free.Writer.TryWrite(block);
                    }
                }
            }

            foreach (ITransferStage stage in _failed.IsCancellationRequested ? [] : stages)
            {
                stage.Complete(Offset);
            }
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            Interlocked.CompareExchange(ref _failure, e, null);
            _failed.Cancel();
        }
        catch (OperationCanceledException)
        {
            // Another lane failed, or the transfer was given up.
        }
    }

    // A lane owns its thread and blocks it: hashing is the wall, and a thread pool hop for every buffer is not.
    private bool WaitToRead(ChannelReader<TransferBlock> reader)
    {
        ValueTask<bool> ready = reader.WaitToReadAsync(_failed.Token);
        return ready.IsCompletedSuccessfully ? ready.Result : ready.AsTask().GetAwaiter().GetResult();
    }

    private static void Show(TransferBlock block, IReadOnlyList<ITransferStage> stages)
    {
        foreach (ITransferStage stage in stages)
        {
            if (block.IsReset)
            {
                stage.Reset();
            }
            else if (block.Hole > 0)
            {
                stage.Hole(block.Hole, block.Offset);
            }
            else
            {
                stage.Data(block.Data, block.Offset);
            }
        }
    }

    private Exception Failure()
    {
        System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(_failure!);
        return _failure!;
    }
}
