using ImageCache.Engine.Native.Posix;
using ImageCache.Engine.Store;

namespace ImageCache.Engine.Fetch;

/// <summary>Turns I/O errors of the cache's own file system into errors that say what to do.</summary>
internal sealed class CacheFaults(CacheDirectory directory)
{
    public UnavailableException Translate(Exception exception, string? imageId) => exception switch
    {
        IOException io when PosixError.IsNoSpace(io) => Full(imageId, "its file system has no room left", exception),
        _ => directory.Unusable(exception.Message, exception, imageId),
    };

    public UnavailableException Full(string? imageId, string reason, Exception? cause) => new(
        ErrorIds.DiskFull,
        $"The cache '{directory.Layout.CachePath}' cannot take the image '{imageId}': {reason}.",
        imageId,
        "Remove base images that nobody uses, or give the file system more room.",
        cause,
        FailureCategory.ResourceUnavailable);
}
