namespace ImageCache;

/// <summary>Something that should not happen: a fault of ours. The cause tells more.</summary>
public sealed class InternalErrorException : ImageCacheException
{
    internal InternalErrorException(string message, string? imageId = null, Exception? cause = null)
        : base(
            ErrorIds.InternalError,
            FailureCategory.InvalidOperation,
            message,
            imageId,
            "Please report this with the verbose output.",
            cause)
    {
    }
}
