namespace ImageCache.Engine.Transfer;

/// <summary>The bytes of an image in order, from an offset on.</summary>
internal interface IByteReader : IAsyncDisposable
{
    /// <summary>Where it begins: the offset asked for, or 0 when the source cannot begin in the middle.</summary>
    long Start { get; }

    /// <summary>Reads the next run.</summary>
    /// <exception cref="TransferInterruptedException">It broke off; another attempt may succeed.</exception>
    ValueTask<ReadRun> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken);
}
