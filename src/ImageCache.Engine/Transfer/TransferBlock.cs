namespace ImageCache.Engine.Transfer;

/// <summary>One run on its way through the stages: data, a hole, or the order to begin again.</summary>
internal sealed class TransferBlock
{
    /// <summary>Bytes of a block that holds data.</summary>
    public const int Size = 1 << 20;

    private int _readers;

    public byte[] Buffer { get; set; } = [];

    public int Count { get; set; }

    public long Hole { get; init; }

    public long Offset { get; set; }

    /// <summary>Forget all that came before.</summary>
    public bool IsReset { get; init; }

    public ReadOnlySpan<byte> Data => Buffer.AsSpan(0, Count);

    /// <summary>A buffer of a block, one that native code may write into.</summary>
    public static byte[] NewBuffer() => GC.AllocateUninitializedArray<byte>(Size, pinned: true);

    /// <summary>Says how many stages will read it.</summary>
    public void Hand(int readers) => Volatile.Write(ref _readers, readers);

    /// <summary>One stage is done with it.</summary>
    /// <returns>Whether it was the last one.</returns>
    public bool Release() => Interlocked.Decrement(ref _readers) == 0;
}
