namespace ImageCache;

/// <summary>A parameter, a reference or a configuration cannot be used.</summary>
public sealed class InvalidInputException : ImageCacheException
{
    internal InvalidInputException(string errorId, string message, string? imageId = null, string? nextStep = null, Exception? cause = null, FailureCategory category = FailureCategory.InvalidArgument)
        : base(errorId, category, message, imageId, nextStep, cause)
    {
    }
}
