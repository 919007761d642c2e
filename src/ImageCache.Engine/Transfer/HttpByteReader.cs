using System.Diagnostics;
using ImageCache.Engine.OpenStack.Http;

namespace ImageCache.Engine.Transfer;

/// <summary>One body as image data.</summary>
/// <param name="answer">The answer; its body begins at <paramref name="start"/>.</param>
/// <param name="start">Where the body begins in the image.</param>
/// <param name="window">The time in which a trickle must bring a minimum of bytes.</param>
/// <param name="onSlow">
/// Asked once, when this one connection turns out to be what the transfer waits for: whether more connections are to be had.
/// </param>
internal sealed class HttpByteReader(
    DataResponse answer, long start, TimeSpan window, Func<CancellationToken, Task<bool>>? onSlow = null) : IByteReader
{
    // A server that drips keeps every idle timeout happy; below this many bytes a second it counts as stalled.
    private const long LeastBytesPerSecond = 1024;

    // One connection that keeps a digest busy is fast enough; measured only while the transfer really waits for it.
    private const long FastBytesPerSecond = 64 << 20;
    private static readonly TimeSpan s_trial = TimeSpan.FromSeconds(2);

    private readonly long _opened = Stopwatch.GetTimestamp();
    private Func<CancellationToken, Task<bool>>? _onSlow = onSlow;
    private TimeSpan _waitedInWindow;
    private long _arrivedInWindow;
    private TimeSpan _waited;
    private long _arrived;

    public long Start => start;

    public async ValueTask<ReadRun> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        long begun = Stopwatch.GetTimestamp();
        int read;
        try
        {
            read = await answer.Body.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
            RequireFlow(read, Stopwatch.GetElapsedTime(begun));
        }
        catch (Exception e) when (e is IOException or HttpRequestException or TimeoutException)
        {
            throw new TransferInterruptedException(e.Message.TrimEnd('.'), cause: e);
        }

        if (_onSlow is { } ask && IsWaitedFor())
        {
            _onSlow = null;
            if (await ask(cancellationToken).ConfigureAwait(false))
            {
                throw new MoreConnectionsException(read);
            }
        }

        return new ReadRun(read, 0);
    }

    public ValueTask DisposeAsync() => answer.DisposeAsync();

    private void RequireFlow(int read, TimeSpan waited)
    {
        _waited += waited;
        _arrived += read;
        _waitedInWindow += waited;
        _arrivedInWindow += read;
        if (_waitedInWindow < window || read == 0)
        {
            return;
        }

        if (_arrivedInWindow < _waitedInWindow.TotalSeconds * LeastBytesPerSecond)
        {
            throw new TimeoutException($"only {_arrivedInWindow} bytes came in {_waitedInWindow.TotalSeconds:0.#} s");
        }

        _waitedInWindow = TimeSpan.Zero;
        _arrivedInWindow = 0;
    }

    private bool IsWaitedFor()
    {
        TimeSpan open = Stopwatch.GetElapsedTime(_opened);
        return open >= s_trial && _waited > open * 0.8 && _arrived < open.TotalSeconds * FastBytesPerSecond;
    }
}
