using System.Runtime.InteropServices;

namespace ImageCache.Engine.Native.Posix;

/// <summary>
/// Memory that does not move, so that native code may write into it, and that begins where a disk can read it without a copy
/// (open(2), O_DIRECT). Like any other object it lives as long as somebody holds it: a read that nobody waits for any more still
/// has its buffer.
/// </summary>
internal sealed class AlignedBuffer
{
    /// <summary>What a disk's own reads and writes are multiples of, in memory and in files: sectors are no larger.</summary>
    public const int Alignment = 4096;

    private readonly byte[] _array;
    private readonly int _start;

    /// <param name="size">Bytes.</param>
    public AlignedBuffer(int size)
    {
        _array = GC.AllocateUninitializedArray<byte>(size + Alignment, pinned: true);
        _start = (int)(-Marshal.UnsafeAddrOfPinnedArrayElement(_array, 0) & (Alignment - 1));
        Size = size;
    }

    public int Size { get; }

    /// <summary>Where it is, for native code.</summary>
    public nint Address => Marshal.UnsafeAddrOfPinnedArrayElement(_array, _start);

    public Memory<byte> Memory => _array.AsMemory(_start, Size);

    public Span<byte> Span => _array.AsSpan(_start, Size);
}
