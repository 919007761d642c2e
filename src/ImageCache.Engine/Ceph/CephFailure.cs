using ImageCache.Engine.Native.Posix;
using ImageCache.Engine.Transfer;

namespace ImageCache.Engine.Ceph;

/// <summary>Turns the errors of librados and librbd into ours.</summary>
internal static class CephFailure
{
    /// <summary>Connecting failed. Whatever the reason, the image may be had by another way.</summary>
    public static UnavailableException OfConnecting(CephNode node, Exception cause)
    {
        string conf = node.ConfigurationPath();
        return cause switch
        {
            TimeoutException or IOException { HResult: PosixError.ETIMEDOUT } => new UnavailableException(
                ErrorIds.ServiceUnavailable,
                $"The Ceph cluster of '{conf}' does not answer within {node.ConnectTimeout.TotalSeconds:0.#} s.",
                nextStep: "Look at the monitors and the network, or raise rbd_connect_timeout.",
                cause: cause,
                category: FailureCategory.OperationTimeout),
            IOException { HResult: PosixError.EACCES or PosixError.EPERM or PosixError.ENOENT or PosixError.EINVAL } => new UnavailableException(
                ErrorIds.AccessDenied,
                $"The Ceph cluster of '{conf}' does not let {node.User} in: the user is unknown, its key is missing or wrong, or the file names no monitor ({cause.Message.TrimEnd('.')}).",
                nextStep: $"Compare the keyring that the ceph.conf names with 'ceph auth get {node.User}'.",
                cause: cause,
                category: FailureCategory.PermissionDenied),
            _ => new UnavailableException(
                ErrorIds.ServiceUnavailable,
                $"The Ceph cluster of '{conf}' cannot be reached as {node.User}: {cause.Message.TrimEnd('.')}.",
                nextStep: "Look at the cluster and at the ceph.conf.",
                cause: cause),
        };
    }

    /// <summary>Opening a snapshot failed.</summary>
    public static ImageCacheException OfOpening(CephNode node, string what, Exception cause) => cause switch
    {
        IOException { HResult: PosixError.ENOENT } => new NotFoundException(
            ErrorIds.ImageDataNotFound,
            $"Ceph has no {what}, where Glance says that the data are.",
            nextStep: "Compare the image's locations with the pool.",
            cause: cause),
        IOException { HResult: PosixError.EACCES or PosixError.EPERM } => Denied(node, what, cause),
        _ => new UnavailableException(
            ErrorIds.ServiceUnavailable,
            $"{what} cannot be opened in Ceph: {Reason(cause, node)}.",
            nextStep: "Look at the cluster's health.",
            cause: cause,
            category: cause is TimeoutException ? FailureCategory.OperationTimeout : FailureCategory.ConnectionError),
    };

    /// <summary>Reading failed: to be tried again, or final where another attempt of this client cannot help.</summary>
    public static Exception OfReading(CephNode node, string what, Exception cause) => cause switch
    {
        IOException { HResult: PosixError.EACCES or PosixError.EPERM } => Denied(node, what, cause),
        IOException { HResult: PosixError.ESHUTDOWN } => new UnavailableException(
            ErrorIds.TransferFailed, $"The Ceph cluster shut this client out while it read {what}.", nextStep: "See 'ceph osd blocklist ls'.", cause: cause),
        _ => new TransferInterruptedException($"{what} cannot be read: {Reason(cause, node)}", cause: cause),
    };

    /// <summary>A snapshot went, or another took its name, while it was read.</summary>
    public static UnavailableException OfRemoval(string what, Exception? cause) => new(
        ErrorIds.ImageDataNotFound,
        $"{what} was removed from Ceph while it was read.",
        nextStep: "See whether the image is still in Glance, then fetch again.",
        cause: cause,
        category: FailureCategory.ObjectNotFound);

    private static UnavailableException Denied(CephNode node, string what, Exception cause) => new(
        ErrorIds.AccessDenied,
        $"{node.User} may not read {what} in Ceph.",
        nextStep: "Give the user 'profile rbd-read-only' on the pool.",
        cause: cause,
        category: FailureCategory.PermissionDenied);

    private static string Reason(Exception cause, CephNode node)
        => cause is TimeoutException or IOException { HResult: PosixError.ETIMEDOUT }
            ? $"Ceph was silent for {node.IdleTimeout.TotalSeconds:0.#} s"
            : cause.Message.TrimEnd('.');
}
