namespace ImageCache.Engine.OpenStack;

/// <summary>That a cloud does not answer, known for a while; disposing ends it.</summary>
internal sealed class Silence(ImageCacheException reason, Action ended) : IDisposable
{
    public ImageCacheException Reason { get; } = reason;

    public void Dispose() => ended();

    /// <summary>The error of who would ask all the same: each has one of its own.</summary>
    public ImageCacheException ToError() => Reason is UnavailableException
        ? new UnavailableException(Reason.ErrorId, Reason.Message, null, Reason.NextStep, Reason, Reason.Category)
        : new PolicyException(Reason.ErrorId, Reason.Message, null, Reason.NextStep, Reason, Reason.Category);
}
