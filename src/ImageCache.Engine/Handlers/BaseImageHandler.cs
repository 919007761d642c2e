using ImageCache.Engine.Transfer;

namespace ImageCache.Engine.Handlers;

/// <summary>
/// One way to prepare a base image. A handler only opens bytes; verifying and publishing are the fetcher's, so that no method can
/// skip a check.
/// </summary>
internal abstract class BaseImageHandler
{
    /// <summary>The method by which users name it.</summary>
    public abstract FetchMethod Method { get; }

    /// <summary>Says why this node or this image does not have what the method needs.</summary>
    /// <returns><see langword="null"/> when it applies.</returns>
    public abstract string? WhyNot(ImageDescriptor image);

    /// <summary>Begins what does not need the image's record, while that is asked for. May turn out to be for nothing.</summary>
    public virtual void Prepare()
    {
    }

    /// <summary>Opens the image's bytes.</summary>
    public abstract Task<IByteSource> FetchAsync(ImageDescriptor image, CancellationToken cancellationToken);

    /// <summary>Prepares again, after a restart, what the method keeps alive outside of files.</summary>
    public virtual Task InitializeAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Lets go what the method keeps alive outside of files for one image.</summary>
    public virtual Task RemoveAsync(ImageDescriptor image, CancellationToken cancellationToken) => Task.CompletedTask;
}
