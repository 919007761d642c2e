namespace ImageCache;

/// <summary>Somebody else uses it.</summary>
public sealed class BusyException : ImageCacheException
{
    internal BusyException(string errorId, string message, string? imageId = null, string? nextStep = null, Exception? cause = null, FailureCategory category = FailureCategory.ResourceBusy)
        : base(errorId, category, message, imageId, nextStep, cause)
    {
    }
}
