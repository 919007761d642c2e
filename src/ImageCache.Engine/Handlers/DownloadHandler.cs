using System.Net;
using System.Runtime.CompilerServices;
using ImageCache.Engine.Configuration;
using ImageCache.Engine.Diagnostics;
using ImageCache.Engine.OpenStack;
using ImageCache.Engine.OpenStack.Http;
using ImageCache.Engine.Transfer;

namespace ImageCache.Engine.Handlers;

/// <summary>Brings an image through the Glance API. Always possible, so it is the last in every order.</summary>
internal sealed class DownloadHandler(ImageCacheConfiguration configuration, CloudConnection cloud) : BaseImageHandler
{
    public override FetchMethod Method => FetchMethod.Download;

    public override BaseImageMethod RecordedAs => BaseImageMethod.Download;

    public override IReadOnlyList<Need> Needs =>
        [new ImageProbe("glance-data", "Glance gives the image's data.", AskForDataAsync) { After = [CloudNeeds.Glance] }];

    public override Task<IByteSource> FetchAsync(ImageDescriptor image, CancellationToken cancellationToken)
        => Task.FromResult<IByteSource>(new HttpByteSource(
            image.Id,
            image.Size,
            configuration,
            (offset, length, token) => cloud.Glance.OpenDataAsync(image.Id, offset, length, token)));

    // One byte tells as much as all of them. A store without ranges is asked for all, and the answer ended before it comes.
    private async Task<NeedAnswer> AskForDataAsync(ImageDescriptor image, CancellationToken cancellationToken)
    {
        HttpStatusCode status = await StatusOfDataAsync(image, length: 1, cancellationToken).ConfigureAwait(false);
        if (status is HttpStatusCode.BadRequest or HttpStatusCode.RequestedRangeNotSatisfiable)
        {
            status = await StatusOfDataAsync(image, length: null, cancellationToken).ConfigureAwait(false);
        }

        return status switch
        {
            HttpStatusCode.OK or HttpStatusCode.PartialContent => NeedAnswer.Pass(),
            HttpStatusCode.NoContent => NeedAnswer.Fail("it has no data", "Upload data to it."),
            _ => NeedAnswer.Fail($"Glance answers {(int)status}", "Look at Glance's log, and at the role of the user."),
        };
    }

    private async Task<HttpStatusCode> StatusOfDataAsync(ImageDescriptor image, long? length, CancellationToken cancellationToken)
    {
        DataResponse answer = await cloud.Glance.OpenDataAsync(image.Id, 0, length, cancellationToken).ConfigureAwait(false);
        await using ConfiguredAsyncDisposable ended = answer.ConfigureAwait(false);
        return answer.Status;
    }
}
