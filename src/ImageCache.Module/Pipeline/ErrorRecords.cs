using System.Management.Automation;

namespace ImageCache.Module.Pipeline;

/// <summary>The one table from an exception to what a user sees: id, category, target and the recommended next step.</summary>
internal static class ErrorRecords
{
    /// <summary>Makes the record of an exception.</summary>
    /// <param name="exception">What went wrong.</param>
    /// <param name="target">The user's object, or its id.</param>
    public static ErrorRecord From(Exception exception, object? target)
    {
        if (exception is not ImageCacheException known)
        {
            return new ErrorRecord(exception, ErrorIds.InternalError, ErrorCategory.NotSpecified, target);
        }

        ErrorRecord record = new(known, known.ErrorId, Category(known.Category), target ?? known.ImageId);
        if (known.NextStep is not null)
        {
            record.ErrorDetails = new ErrorDetails(known.Message) { RecommendedAction = known.NextStep };
        }

        return record;
    }

    /// <summary>PowerShell's category of a failure.</summary>
    public static ErrorCategory Category(FailureCategory category) => category switch
    {
        FailureCategory.InvalidArgument => ErrorCategory.InvalidArgument,
        FailureCategory.ObjectNotFound => ErrorCategory.ObjectNotFound,
        FailureCategory.PermissionDenied => ErrorCategory.PermissionDenied,
        FailureCategory.SecurityError => ErrorCategory.SecurityError,
        FailureCategory.ConnectionError => ErrorCategory.ConnectionError,
        FailureCategory.OperationTimeout => ErrorCategory.OperationTimeout,
        FailureCategory.ResourceUnavailable => ErrorCategory.ResourceUnavailable,
        FailureCategory.ResourceBusy => ErrorCategory.ResourceBusy,
        FailureCategory.NotImplemented => ErrorCategory.NotImplemented,
        FailureCategory.InvalidOperation => ErrorCategory.InvalidOperation,
        _ => ErrorCategory.NotSpecified,
    };
}
