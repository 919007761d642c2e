using ImageCache.Engine.Native.Posix;

namespace ImageCache.Engine.Transfer;

/// <summary>One run on its way through the stages: data, a hole, or the order to begin again.</summary>
internal sealed class TransferBlock
{
    /// <summary>Bytes of a block's buffer where a source asks for no others.</summary>
    public const int UsualSize = 1 << 20;

    private int _readers;

    /// <summary>What holds the data; <see langword="null"/> in a block that can have none.</summary>
    public AlignedBuffer? Buffer { get; set; }

    public int Count { get; set; }

    public long Hole { get; init; }

    public long Offset { get; set; }

    /// <summary>Forget all that came before.</summary>
    public bool IsReset { get; init; }

    public ReadOnlySpan<byte> Data => Buffer is { } buffer ? buffer.Span[..Count] : default;

    /// <summary>Says how many stages will read it.</summary>
    public void Hand(int readers) => Volatile.Write(ref _readers, readers);

    /// <summary>One stage is done with it.</summary>
    /// <returns>Whether it was the last one.</returns>
    public bool Release() => Interlocked.Decrement(ref _readers) == 0;
}
