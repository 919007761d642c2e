namespace ImageCache;

/// <summary>The image, its data or what it needs does not exist or is not visible to this project.</summary>
public sealed class NotFoundException : ImageCacheException
{
    internal NotFoundException(string errorId, string message, string? imageId = null, string? nextStep = null, Exception? cause = null, FailureCategory category = FailureCategory.ObjectNotFound)
        : base(errorId, category, message, imageId, nextStep, cause)
    {
    }
}
