using ImageCache.Engine.Native.Posix;
using Microsoft.Win32.SafeHandles;

namespace ImageCache.Engine.Life.Disks;

/// <summary>Copies a file's data into an empty file, and leaves its holes out.</summary>
internal static class SparseCopy
{
    private const int Piece = 1 << 20;

    /// <summary>Copies; the target gets the same length.</summary>
    /// <exception cref="IOException">It cannot be read or written, or became shorter.</exception>
    public static async Task RunAsync(SafeFileHandle source, SafeFileHandle target, WorkProgress progress, CancellationToken cancellationToken)
    {
        long length = RandomAccess.GetLength(source);
        RandomAccess.SetLength(target, length);
        byte[] buffer = new byte[(int)Math.Clamp(length, 1, Piece)];
        for (long offset = 0; offset < length;)
        {
            cancellationToken.ThrowIfCancellationRequested();
            (bool isHole, long end) = SparseSeek.RunAt(source, offset, length);
            if (!isHole)
            {
                await CopyRunAsync(source, target, buffer, (offset, end), progress, cancellationToken).ConfigureAwait(false);
            }
            else
            {
                progress.Add(end - offset);
            }

            offset = end;
        }
    }

    private static async Task CopyRunAsync(
        SafeFileHandle source, SafeFileHandle target, byte[] buffer, (long From, long To) run, WorkProgress progress, CancellationToken cancellationToken)
    {
        for (long offset = run.From; offset < run.To;)
        {
            Memory<byte> piece = buffer.AsMemory(0, (int)Math.Min(buffer.Length, run.To - offset));
            int count = await RandomAccess.ReadAsync(source, piece, offset, cancellationToken).ConfigureAwait(false);
            if (count == 0)
            {
                throw new IOException("The file became shorter while it was copied");
            }

            // Raw files that came by a plain copy hold zeros where there could be holes.
            if (piece.Span[..count].ContainsAnyExcept((byte)0))
            {
                await RandomAccess.WriteAsync(target, piece[..count], offset, cancellationToken).ConfigureAwait(false);
            }

            progress.Add(count);
            offset += count;
        }
    }
}
