namespace ImageCache;

/// <summary>Policy, or a service's, refuses: nothing was changed.</summary>
public sealed class PolicyException : ImageCacheException
{
    internal PolicyException(string errorId, string message, string? imageId = null, string? nextStep = null, Exception? cause = null, FailureCategory category = FailureCategory.PermissionDenied)
        : base(errorId, category, message, imageId, nextStep, cause)
    {
    }
}
