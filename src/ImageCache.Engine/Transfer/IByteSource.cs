namespace ImageCache.Engine.Transfer;

/// <summary>Where the bytes of an image come from; may be opened again, further on, after a break.</summary>
internal interface IByteSource : IAsyncDisposable
{
    /// <summary>Bytes in all, when the source said so.</summary>
    long? Length { get; }

    /// <summary>How many bytes are best read, shown and written at once; 1 to 2 MiB.</summary>
    int BlockSize => TransferBlock.UsualSize;

    /// <summary>Opens the bytes from an offset on.</summary>
    /// <exception cref="TransferInterruptedException">Not now; another attempt may succeed.</exception>
    /// <exception cref="ImageCacheException">It makes no sense to try again.</exception>
    Task<IByteReader> OpenAsync(long offset, CancellationToken cancellationToken);
}
