namespace ImageCache;

/// <summary>The base of every error that ImageCache reports. Messages hold no secret.</summary>
public abstract class ImageCacheException : Exception
{
    private protected ImageCacheException(string errorId, FailureCategory category, string message, string? imageId, string? nextStep, Exception? cause)
        : base(message, cause)
    {
        ErrorId = errorId;
        Category = category;
        ImageId = imageId;
        NextStep = nextStep;
    }

    /// <summary>The stable id of the error: one of <see cref="ErrorIds"/>.</summary>
    public string ErrorId { get; }

    /// <summary>The kind of failure.</summary>
    public FailureCategory Category { get; }

    /// <summary>The image it is about (id, name or URI as the user gave it), if any.</summary>
    public string? ImageId { get; internal set; }

    /// <summary>What to do next, if there is something.</summary>
    public string? NextStep { get; }
}
