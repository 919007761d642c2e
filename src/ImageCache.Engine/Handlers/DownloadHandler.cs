using ImageCache.Engine.Configuration;
using ImageCache.Engine.OpenStack;
using ImageCache.Engine.Transfer;

namespace ImageCache.Engine.Handlers;

/// <summary>Brings an image through the Glance API. Always possible, so it is the last in every order.</summary>
internal sealed class DownloadHandler(ImageCacheConfiguration configuration, CloudConnection cloud) : BaseImageHandler
{
    public override FetchMethod Method => FetchMethod.Download;

    public override string? WhyNot(ImageDescriptor image) => null;

    public override Task<IByteSource> FetchAsync(ImageDescriptor image, CancellationToken cancellationToken)
        => Task.FromResult<IByteSource>(new HttpByteSource(
            image.Id,
            image.Size,
            configuration,
            (offset, length, token) => cloud.Glance.OpenDataAsync(image.Id, offset, length, token)));
}
