namespace ImageCache.Engine.Transfer;

/// <summary>A transfer broke off in a way that another attempt may mend. Never leaves the engine.</summary>
internal sealed class TransferInterruptedException(string reason, TimeSpan? retryAfter = null, Exception? cause = null)
    : Exception(reason, cause)
{
    /// <summary>How long the server asks to wait.</summary>
    public TimeSpan? RetryAfter { get; } = retryAfter;

    /// <summary>Whether the body ended in good order, but before its announced or recorded length.</summary>
    public bool EndedEarly { get; init; }
}
