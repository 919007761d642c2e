namespace ImageCache.Engine.Transfer;

/// <summary>
/// A reader whose data lie in buffers of its own before anybody asks: it gives a full one for an empty one, so that nothing is
/// copied. All buffers are as large as its source asked for.
/// </summary>
internal interface IBufferExchange
{
    /// <summary>Reads the next run into a block, by giving the block another buffer.</summary>
    /// <exception cref="TransferInterruptedException">It broke off; the block is as it was.</exception>
    ValueTask<ReadRun> ReadAsync(TransferBlock block, CancellationToken cancellationToken);
}
