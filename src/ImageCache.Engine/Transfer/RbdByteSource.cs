using ImageCache.Engine.Ceph;
using ImageCache.Engine.Native.Posix;
using ImageCache.Engine.Native.Rbd;

namespace ImageCache.Engine.Transfer;

/// <summary>The bytes of a snapshot in Ceph. Owns the connection; librados finds its way to other OSDs by itself, so that a break needs no new one.</summary>
internal sealed class RbdByteSource(CephConnector connector, CephConnection connection, CephSnapshot snapshot) : IByteSource
{
    private const int LargestRead = 2 << 20;

    public long? Length => Size;

    /// <summary>Bytes of the image.</summary>
    public long Size => snapshot.Size;

    /// <summary>Bytes of each object of the image.</summary>
    public long ObjectSize => snapshot.ObjectSize;

    /// <inheritdoc/>
    /// <remarks>More than usual, for each read costs client and OSD as much as much data does; not whole objects of 4 MiB, which gain no more and take more memory.</remarks>
    public int BlockSize => (int)Math.Clamp(ObjectSize, TransferBlock.UsualSize, LargestRead);

    public Task<IByteReader> OpenAsync(long offset, CancellationToken cancellationToken)
        => Task.FromResult<IByteReader>(new RbdByteReader(this, offset));

    /// <summary>Finds what may hold data; where the cluster cannot tell, everything may.</summary>
    /// <exception cref="TransferInterruptedException">The cluster does not answer.</exception>
    public async Task<IReadOnlyList<RbdExtent>> DataExtentsAsync(long offset, long length, CancellationToken cancellationToken)
    {
        try
        {
            return await AbandonableCall.RunAsync(
                () => RbdDiff.DataExtents(snapshot.Image, offset, length), Limit, null, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is TimeoutException or IOException { HResult: PosixError.ETIMEDOUT or PosixError.ESHUTDOWN })
        {
            throw CephFailure.OfReading(connection.Node, What, e);
        }
        catch (IOException)
        {
            return [new RbdExtent(offset, length)];
        }
    }

    /// <summary>Reads.</summary>
    /// <exception cref="TransferInterruptedException">The cluster does not answer, or not now.</exception>
    /// <exception cref="UnavailableException">It will not answer this client.</exception>
    public async Task ReadAsync(RbdPiece piece, AlignedBuffer buffer)
    {
        try
        {
            int count = await RbdRead.StartAsync(snapshot.Image, piece.Offset, buffer, (int)piece.Length).WaitAsync(Limit).ConfigureAwait(false);
            if (count != piece.Length)
            {
                throw new TransferInterruptedException($"{What} ended at byte {piece.Offset + count} of {Size}") { EndedEarly = true };
            }
        }
        catch (Exception e) when (e is TimeoutException or IOException)
        {
            throw CephFailure.OfReading(connection.Node, What, e);
        }
    }

    /// <summary>
    /// Makes sure that the snapshot is still there: of one that was removed meanwhile, objects read as zeros.
    /// </summary>
    /// <exception cref="UnavailableException">It is gone, or another has its name.</exception>
    public async Task RequireUnchangedAsync(CancellationToken cancellationToken)
    {
        ulong id;
        try
        {
            CephSnapshot now = await connection.OpenAsync(snapshot.Location, cancellationToken).ConfigureAwait(false);
            id = now.Id;
            await CephConnection.CloseAsync(now.Dispose).ConfigureAwait(false);
        }
        catch (NotFoundException e)
        {
            throw CephFailure.OfRemoval(What, e);
        }

        if (id != snapshot.Id)
        {
            throw CephFailure.OfRemoval(What, null);
        }
    }

    public ValueTask DisposeAsync()
    {
        connector.CloseSoon(async () =>
        {
            await CephConnection.CloseAsync(snapshot.Dispose).ConfigureAwait(false);
            await connection.DisposeAsync().ConfigureAwait(false);
        });
        return ValueTask.CompletedTask;
    }

    private TimeSpan Limit => CephConnection.Limit(connection.Node.IdleTimeout);

    private string What => $"Snapshot '{snapshot.Location}'";
}
