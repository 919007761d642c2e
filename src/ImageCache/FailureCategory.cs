namespace ImageCache;

/// <summary>The kind of a failure. The names are those of PowerShell's <c>ErrorCategory</c>.</summary>
public enum FailureCategory
{
    /// <summary>Input or configuration that cannot be used.</summary>
    InvalidArgument,

    /// <summary>It is not there.</summary>
    ObjectNotFound,

    /// <summary>Policy or the service says no.</summary>
    PermissionDenied,

    /// <summary>Bytes that are not what they should be.</summary>
    SecurityError,

    /// <summary>No answer, or one that says "not now".</summary>
    ConnectionError,

    /// <summary>It took too long.</summary>
    OperationTimeout,

    /// <summary>The disk, the directory or the method is not to be had.</summary>
    ResourceUnavailable,

    /// <summary>Somebody else uses it.</summary>
    ResourceBusy,

    /// <summary>This version or this node cannot do it.</summary>
    NotImplemented,

    /// <summary>A fault of ours.</summary>
    InvalidOperation,
}
