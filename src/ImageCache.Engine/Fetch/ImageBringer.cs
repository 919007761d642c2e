using System.Runtime.CompilerServices;
using ImageCache.Engine.Configuration;
using ImageCache.Engine.Formats;
using ImageCache.Engine.Handlers;
using ImageCache.Engine.Native.Posix;
using ImageCache.Engine.Sources;
using ImageCache.Engine.Store;
using ImageCache.Engine.Transfer;
using ImageCache.Engine.Trust;
using Microsoft.Win32.SafeHandles;

namespace ImageCache.Engine.Fetch;

/// <summary>Brings an image's bytes into a private file, by the method named or the first that applies and works.</summary>
internal sealed class ImageBringer(
    ImageCacheConfiguration configuration, FormatPolicy formats, MethodSelector methods, UriSource uris, ImageTransfer transfer, RoomCheck room)
{
    /// <summary>Brings the bytes. Nothing is verified yet but what the beginning of the data shows.</summary>
    public async Task<FetchedFile> BringAsync(ResolvedImage image, TemporaryDirectory temporary, FetchStep step, CancellationToken cancellationToken)
    {
        room.Require(image.Descriptor.Size ?? 0, image.Id);
        if (image.Uri is { } uri)
        {
            RequireUriMethod(step.Request.Method);
            return await TransferAsync(image, uris.Open(uri), BaseImageMethod.Uri, temporary, step, cancellationToken).ConfigureAwait(false);
        }

        IReadOnlyList<BaseImageHandler> handlers = methods.Choose(step.Request.Method ?? configuration.Method, image.Descriptor);
        for (int i = 0; ; i++)
        {
            try
            {
                IByteSource bytes = await handlers[i].FetchAsync(image.Descriptor, cancellationToken).ConfigureAwait(false);
                return await TransferAsync(image, bytes, MethodOf(handlers[i]), temporary, step, cancellationToken).ConfigureAwait(false);
            }
            catch (ImageCacheException e) when (i + 1 < handlers.Count && MayBeHadOtherwise(e))
            {
                step.Monitor.Warn($"{handlers[i].Method} did not bring image '{image.Id}', {handlers[i + 1].Method} is tried: {e.Message}");
            }
        }
    }

    // Bytes that are not the image's are never fetched again by another method: that would hide what is wrong in the store.
    private static bool MayBeHadOtherwise(ImageCacheException error)
        => error is UnavailableException { ErrorId: not ErrorIds.DiskFull } or PolicyException { ErrorId: ErrorIds.OtherCluster } or NotFoundException;

    private async Task<FetchedFile> TransferAsync(
        ResolvedImage image, IByteSource bytes, BaseImageMethod method, TemporaryDirectory temporary, FetchStep step, CancellationToken cancellationToken)
    {
        await using ConfiguredAsyncDisposable ended = bytes.ConfigureAwait(false);
        string path = temporary.PathOf("data");
        DigestExpectation expectation = DigestExpectation.Of(image.Descriptor);
        using SafeFileHandle file = temporary.CreateFile("data");
        TransferResult result = await transfer.RunAsync(
            new TransferRequest
            {
                ImageId = image.Id,
                Source = bytes,
                File = file,
                ExpectedSize = image.Descriptor.Size ?? bytes.Length,
                Algorithms = expectation.Algorithms(),
                Refuse = report => formats.CheckEarly(report, image.Claim),
            },
            step.Progress,
            step.Monitor,
            cancellationToken).ConfigureAwait(false);
        return new FetchedFile
        {
            Path = path,
            Content = FileFingerprint.Of(FileStatus.OfHandle(file, path)),
            Method = method,
            Transfer = result,
            Expectation = expectation,
        };
    }

    private static BaseImageMethod MethodOf(BaseImageHandler handler) => handler.Method switch
    {
        FetchMethod.RbdExport => BaseImageMethod.RbdExport,
        FetchMethod.VolumeLink => BaseImageMethod.VolumeLink,
        _ => BaseImageMethod.Download,
    };

    private static void RequireUriMethod(FetchMethod? method)
    {
        if (method is FetchMethod.RbdExport or FetchMethod.VolumeLink)
        {
            throw new UnavailableException(
                ErrorIds.MethodUnavailable,
                $"{method} cannot bring an image that is named by a URI.",
                nextStep: "Leave the method out.",
                category: FailureCategory.ResourceUnavailable);
        }
    }
}
