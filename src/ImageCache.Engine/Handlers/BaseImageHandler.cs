using ImageCache.Engine.Diagnostics;
using ImageCache.Engine.Store;
using ImageCache.Engine.Transfer;

namespace ImageCache.Engine.Handlers;

/// <summary>
/// One way to prepare a base image. A handler only opens bytes, or prepares a link whose bytes can be read; verifying and publishing are
/// the fetcher's, so that no method can skip a check.
/// </summary>
internal abstract class BaseImageHandler
{
    /// <summary>The method by which users name it.</summary>
    public abstract FetchMethod Method { get; }

    /// <summary>Whether base files lead to the bytes, which are kept elsewhere; else the bytes are copied.</summary>
    public virtual bool Links => false;

    /// <summary>How a record tells that an image came by it.</summary>
    public abstract BaseImageMethod RecordedAs { get; }

    /// <summary>
    /// What the method needs of the node and of an image: the choice of a method, the error that it is unavailable, and the diagnostic
    /// read this list.
    /// </summary>
    public virtual IReadOnlyList<Need> Needs => [];

    /// <summary>What this node or this image lacks of what the method needs.</summary>
    public Shortfall Lacks(ImageDescriptor image) => Shortfall.Of(Needs, image);

    /// <summary>Begins what does not need the image's record, while that is asked for. May turn out to be for nothing.</summary>
    public virtual void Prepare()
    {
    }

    /// <summary>Opens the image's bytes; one that links gives a <see cref="Volumes.PreparedLink"/>. The caller holds the base file's lock.</summary>
    public abstract Task<IByteSource> FetchAsync(ImageDescriptor image, CancellationToken cancellationToken);

    /// <summary>Whether what the method keeps alive for a base file is there; no service is asked.</summary>
    public virtual Task<bool> IsAliveAsync(CacheEntry entry, CancellationToken cancellationToken) => Task.FromResult(true);

    /// <summary>Brings back what the method keeps alive for a base file. The caller holds the base file's lock.</summary>
    /// <returns>The record as it must be now.</returns>
    /// <exception cref="ImageCacheException">It cannot be brought back.</exception>
    public virtual Task<ImageRecord> ReviveAsync(CacheEntry entry, CancellationToken cancellationToken) => Task.FromResult(entry.Record!);

    /// <summary>After a restart: brings back all that the method keeps alive outside of files, and lets go what no base file needs.</summary>
    public virtual IAsyncEnumerable<InitializationResult> InitializeAsync(bool dryRun, CancellationToken cancellationToken)
        => AsyncEnumerable.Empty<InitializationResult>();

    /// <summary>Lets go what the method keeps alive for a base file that is gone. May be repeated. The caller holds the base file's lock.</summary>
    public virtual Task RemoveAsync(string baseName, CancellationToken cancellationToken) => Task.CompletedTask;
}
