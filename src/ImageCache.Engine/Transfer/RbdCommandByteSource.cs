using System.Buffers;
using System.IO.Pipelines;
using ImageCache.Engine.Ceph;
using ImageCache.Engine.Handlers;

namespace ImageCache.Engine.Transfer;

/// <summary>A snapshot as the <c>rbd</c> command gives it: from the beginning only, and with its zeros.</summary>
internal sealed class RbdCommandByteSource(CephNode node, RbdCommand command, RbdLocation location, long size) : IByteSource
{
    public long? Length => size;

    public Task<IByteReader> OpenAsync(long offset, CancellationToken cancellationToken)
        => Task.FromResult<IByteReader>(new Reader(node, command, location));

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private sealed class Reader : IByteReader
    {
        private readonly CephNode _node;
        private readonly RbdLocation _location;
        private readonly Pipe _pipe = new(new PipeOptions(pauseWriterThreshold: 4 << 20, resumeWriterThreshold: 2 << 20, useSynchronizationContext: false));
        private readonly CancellationTokenSource _stop = new();
        private readonly Task _export;

        public Reader(CephNode node, RbdCommand command, RbdLocation location)
        {
            _node = node;
            _location = location;
            _export = ExportAsync(command);
        }

        public long Start => 0;

        public async ValueTask<ReadRun> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken)
        {
            ReadResult read;
            try
            {
                read = await _pipe.Reader.ReadAsync(cancellationToken).AsTask()
                    .WaitAsync(CephConnection.Limit(_node.IdleTimeout), cancellationToken).ConfigureAwait(false);
            }
            catch (Exception e) when (e is IOException or TimeoutException)
            {
                throw CephFailure.OfReading(_node, $"Snapshot '{_location}'", e);
            }

            ReadOnlySequence<byte> part = read.Buffer.Slice(0, Math.Min(read.Buffer.Length, buffer.Length));
            int count = (int)part.Length;
            part.CopyTo(buffer.Span);
            _pipe.Reader.AdvanceTo(part.End);
            return new ReadRun(count, 0);
        }

        public async ValueTask DisposeAsync()
        {
            await _stop.CancelAsync().ConfigureAwait(false);
            await _export.ConfigureAwait(false);
            await _pipe.Reader.CompleteAsync().ConfigureAwait(false);
            _stop.Dispose();
        }

        // The error, if any, comes to the one who reads.
        private async Task ExportAsync(RbdCommand command)
        {
            Exception? failure = null;
            try
            {
                await command.ExportAsync(_location, TakeAsync, _stop.Token).ConfigureAwait(false);
            }
            catch (Exception e) when (e is IOException or TimeoutException or OperationCanceledException or ImageCacheException)
            {
                failure = e;
            }

            await _pipe.Writer.CompleteAsync(failure).ConfigureAwait(false);
        }

        private async ValueTask TakeAsync(ReadOnlyMemory<byte> part, CancellationToken cancellationToken)
        {
            using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _stop.Token);
            await _pipe.Writer.WriteAsync(part, either.Token).ConfigureAwait(false);
        }
    }
}
