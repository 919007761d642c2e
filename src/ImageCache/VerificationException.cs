namespace ImageCache;

/// <summary>The bytes are not what they should be: digest, size, format or signature.</summary>
public sealed class VerificationException : ImageCacheException
{
    internal VerificationException(string errorId, string message, string? imageId = null, string? nextStep = null, Exception? cause = null, FailureCategory category = FailureCategory.SecurityError)
        : base(errorId, category, message, imageId, nextStep, cause)
    {
    }
}
