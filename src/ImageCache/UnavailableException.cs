namespace ImageCache;

/// <summary>A service, the disk or a method cannot be had (now, or on this node).</summary>
public sealed class UnavailableException : ImageCacheException
{
    internal UnavailableException(string errorId, string message, string? imageId = null, string? nextStep = null, Exception? cause = null, FailureCategory category = FailureCategory.ConnectionError)
        : base(errorId, category, message, imageId, nextStep, cause)
    {
    }
}
