using System.Buffers;
using System.IO.Pipelines;
using ImageCache.Engine.Ceph;
using ImageCache.Engine.Handlers;

namespace ImageCache.Engine.Transfer;

/// <summary>A snapshot as the <c>rbd</c> command gives it: from the beginning only, and with its zeros.</summary>
internal sealed class RbdCommandByteSource(CephNode node, RbdCommand command, RbdLocation location, SnapshotFacts snapshot) : IByteSource
{
    public long? Length => snapshot.Size;

    public Task<IByteReader> OpenAsync(long offset, CancellationToken cancellationToken)
        => Task.FromResult<IByteReader>(new Reader(node, command, location, snapshot));

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private sealed class Reader : IByteReader
    {
        private readonly CephNode _node;
        private readonly RbdCommand _command;
        private readonly RbdLocation _location;
        private readonly SnapshotFacts _snapshot;
        private readonly Pipe _pipe = new(new PipeOptions(pauseWriterThreshold: 4 << 20, resumeWriterThreshold: 2 << 20, useSynchronizationContext: false));
        private readonly CancellationTokenSource _stop = new();
        private readonly Task _export;

        public Reader(CephNode node, RbdCommand command, RbdLocation location, SnapshotFacts snapshot)
        {
            _node = node;
            _command = command;
            _location = location;
            _snapshot = snapshot;
            _export = ExportAsync();
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
                throw CephFailure.OfReading(_node, What, e);
            }

            ReadOnlySequence<byte> part = read.Buffer.Slice(0, Math.Min(read.Buffer.Length, buffer.Length));
            int count = (int)part.Length;
            part.CopyTo(buffer.Span);
            _pipe.Reader.AdvanceTo(part.End);
            if (count == 0)
            {
                await RequireUnchangedAsync(cancellationToken).ConfigureAwait(false);
            }

            return new ReadRun(count, 0);
        }

        public async ValueTask DisposeAsync()
        {
            await _stop.CancelAsync().ConfigureAwait(false);
            await _export.ConfigureAwait(false);
            await _pipe.Reader.CompleteAsync().ConfigureAwait(false);
            _stop.Dispose();
        }

        private string What => $"Snapshot '{_location}'";

        // Of a snapshot that was removed meanwhile, objects read as zeros.
        private async Task RequireUnchangedAsync(CancellationToken cancellationToken)
        {
            try
            {
                SnapshotFacts now = await _command.FindAsync(_location, cancellationToken).ConfigureAwait(false);
                if (now != _snapshot)
                {
                    throw CephFailure.OfRemoval(What, null);
                }
            }
            catch (NotFoundException e)
            {
                throw CephFailure.OfRemoval(What, e);
            }
        }

        // The error, if any, comes to the one who reads.
        private async Task ExportAsync()
        {
            Exception? failure = null;
            try
            {
                await _command.ExportAsync(_location, TakeAsync, _stop.Token).ConfigureAwait(false);
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
