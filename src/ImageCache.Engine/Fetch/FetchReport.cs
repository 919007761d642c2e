using ImageCache.Engine.Requests;
using ImageCache.Engine.Store;

namespace ImageCache.Engine.Fetch;

/// <summary>Tells of a fetch: the object for the user, and the event for the log.</summary>
internal sealed class FetchReport(BaseImageView view, EventLog events)
{
    public BaseImage Hit(CacheEntry entry, TimeSpan duration)
        => view.Of(entry, inUse: null) with { Hit = true, BytesTransferred = 0, Duration = duration };

    public BaseImage Fetched(CacheEntry entry, FetchedFile file, TimeSpan duration)
    {
        BaseImage image = view.Of(entry, inUse: null) with
        {
            Hit = false,
            BytesTransferred = file.BytesTransferred,
            Duration = duration,
        };
        events.Append(events.New(image.Method == BaseImageMethod.Foreign ? "adopted" : "fetched") with
        {
            ImageId = image.Id,
            Name = image.Name,
            Path = image.Path,
            Method = file.Method.ToString(),
            Digest = image.Digest,
            Bytes = file.BytesTransferred,
            Seconds = Math.Round(duration.TotalSeconds, 3),
        });
        return image;
    }

    public void Failed(FetchRequest request, ImageCacheException error)
        => events.Append(events.New("fetchFailed") with { ImageId = error.ImageId ?? request.Image, ErrorId = error.ErrorId, Reason = error.Message });
}
