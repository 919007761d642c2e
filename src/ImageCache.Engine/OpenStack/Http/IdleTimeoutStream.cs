namespace ImageCache.Engine.OpenStack.Http;

/// <summary>A body whose reads end with a <see cref="TimeoutException"/> when no byte comes for a while. One reader at a time.</summary>
internal sealed class IdleTimeoutStream(Stream inner, TimeSpan idleTimeout) : Stream
{
    private CancellationTokenSource _limit = new();

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        RenewLimit();
        using CancellationTokenRegistration link = cancellationToken.UnsafeRegister(
            static limit => ((CancellationTokenSource)limit!).Cancel(), _limit);
        _limit.CancelAfter(idleTimeout);
        try
        {
            return await inner.ReadAsync(buffer, _limit.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException error) when (_limit.IsCancellationRequested)
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw new TimeoutException($"no byte came for {idleTimeout.TotalSeconds:0.###} s", error);
        }
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken)
        => ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("Bodies are read asynchronously.");

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _limit.Dispose();
            inner.Dispose();
        }

        base.Dispose(disposing);
    }

    // One source serves all reads until it fires.
    private void RenewLimit()
    {
        if (!_limit.TryReset())
        {
            _limit.Dispose();
            _limit = new CancellationTokenSource();
        }
    }
}
