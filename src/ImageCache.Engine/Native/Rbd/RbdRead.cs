using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using ImageCache.Engine.Native.Posix;

namespace ImageCache.Engine.Native.Rbd;

/// <summary>
/// One read in flight (rbd_aio_read2). It keeps the image and its buffer alive until librbd is done with them, so that whoever
/// waits for it may stop waiting.
/// </summary>
internal sealed partial class RbdRead
{
    // What rbd export says to the OSDs, too: LIBRADOS_OP_FLAG_FADVISE_SEQUENTIAL and _NOCACHE (rados/librados.h).
    private const int Advice = 0x10 | 0x40;

    private readonly AlignedBuffer _buffer;
    private readonly TaskCompletionSource<long> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private RbdRead(AlignedBuffer buffer) => _buffer = buffer;

    /// <summary>Starts a read.</summary>
    /// <param name="image">The image.</param>
    /// <param name="offset">Where.</param>
    /// <param name="buffer">Takes the bytes.</param>
    /// <param name="count">Bytes.</param>
    /// <returns>The bytes read.</returns>
    /// <exception cref="IOException">The HResult is the errno.</exception>
    public static Task<int> StartAsync(RbdImage image, long offset, AlignedBuffer buffer, int count)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, buffer.Size);
        bool held = false;
        image.DangerousAddRef(ref held);
        try
        {
            Task<long> started = Start(image, offset, buffer, count);
            held = false;
            return FinishAsync(started, image, offset);
        }
        finally
        {
            if (held)
            {
                image.DangerousRelease();
            }
        }
    }

    private static unsafe Task<long> Start(RbdImage image, long offset, AlignedBuffer buffer, int count)
    {
        RbdRead read = new(buffer);
        GCHandle self = GCHandle.Alloc(read);
        int result = CreateCompletion(GCHandle.ToIntPtr(self), &OnDone, out nint completion);
        if (result < 0)
        {
            self.Free();
            throw PosixError.Exception("rbd_aio_create_completion", string.Empty, -result);
        }

        result = Read(image, (ulong)offset, (nuint)count, read._buffer.Address, completion, Advice);
        if (result < 0)
        {
            Release(completion);
            self.Free();
            throw PosixError.Exception("rbd_aio_read2", string.Empty, -result);
        }

        return read._done.Task;
    }

    // The image may be closed by the last release, which must not happen on a thread of librbd's.
    private static async Task<int> FinishAsync(Task<long> started, RbdImage image, long offset)
    {
        try
        {
            long result = await started.ConfigureAwait(false);
            return result >= 0
                ? (int)result
                : throw PosixError.Exception("rbd_aio_read2", $"byte {offset}", (int)-result);
        }
        finally
        {
            image.DangerousRelease();
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void OnDone(nint completion, nint state)
    {
        GCHandle self = GCHandle.FromIntPtr(state);
        RbdRead read = (RbdRead)self.Target!;
        self.Free();
        nint result = ReturnValue(completion);
        Release(completion);
        read._done.TrySetResult(result);
    }

    [LibraryImport("librbd.so.1", EntryPoint = "rbd_aio_create_completion")]
    private static unsafe partial int CreateCompletion(nint state, delegate* unmanaged[Cdecl]<nint, nint, void> callback, out nint completion);

    [LibraryImport("librbd.so.1", EntryPoint = "rbd_aio_read2")]
    private static partial int Read(RbdImage image, ulong offset, nuint length, nint buffer, nint completion, int flags);

    [LibraryImport("librbd.so.1", EntryPoint = "rbd_aio_get_return_value")]
    private static partial nint ReturnValue(nint completion);

    [LibraryImport("librbd.so.1", EntryPoint = "rbd_aio_release")]
    private static partial void Release(nint completion);
}
