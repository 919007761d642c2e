namespace ImageCache.Engine.Transfer;

/// <summary>Sees the bytes of a transfer once, in order. Called by one thread at a time.</summary>
internal interface ITransferStage
{
    void Data(ReadOnlySpan<byte> data, long offset);

    void Hole(long length, long offset);

    /// <summary>Forgets everything: the transfer begins again.</summary>
    void Reset();

    /// <summary>All bytes were seen.</summary>
    void Complete(long length);
}
