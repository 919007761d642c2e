using System.Runtime.CompilerServices;
using ImageCache.Engine.Configuration;
using ImageCache.Engine.Handlers;
using ImageCache.Engine.Sources;
using ImageCache.Engine.Transfer;

namespace ImageCache.Engine.Fetch;

/// <summary>Opens an image's bytes by the method named, or by the first that applies and works.</summary>
internal sealed class MethodAttempts(ImageCacheConfiguration configuration, MethodSelector methods, UriSource uris)
{
    /// <summary>Opens the bytes and uses them; where several methods apply, one that fails hands over to the next.</summary>
    /// <param name="image">The image.</param>
    /// <param name="use">Reads the bytes to their end.</param>
    /// <param name="step">The request, and where warnings go.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public Task<T> RunAsync<T>(
        ResolvedImage image, Func<IByteSource, BaseImageMethod, Task<T>> use, FetchStep step, CancellationToken cancellationToken)
        => RunAsync(image, static (selector, method, descriptor, without) => selector.Choose(method, descriptor, without), use, step, cancellationToken);

    /// <summary>The same for bytes that are read and not kept: nothing is attached for them.</summary>
    public Task<T> ReadAsync<T>(
        ResolvedImage image, Func<IByteSource, BaseImageMethod, Task<T>> use, FetchStep step, CancellationToken cancellationToken)
        => RunAsync(image, static (selector, method, descriptor, without) => selector.ChooseToRead(method, descriptor, without), use, step, cancellationToken);

    private async Task<T> RunAsync<T>(
        ResolvedImage image,
        Func<MethodSelector, FetchMethod, ImageDescriptor, IReadOnlyList<FetchMethod>, IReadOnlyList<BaseImageHandler>> choose,
        Func<IByteSource, BaseImageMethod, Task<T>> use,
        FetchStep step,
        CancellationToken cancellationToken)
    {
        if (image.Uri is { } uri)
        {
            RequireUriMethod(step.Request.Method);
            return await UseAsync(uris.Open(uri), BaseImageMethod.Uri, use).ConfigureAwait(false);
        }

        IReadOnlyList<BaseImageHandler> handlers = choose(methods, step.Request.Method ?? configuration.Method, image.Descriptor, step.Request.Without);
        for (int i = 0; ; i++)
        {
            try
            {
                IByteSource bytes = await handlers[i].FetchAsync(image.Descriptor, cancellationToken).ConfigureAwait(false);
                return await UseAsync(bytes, handlers[i].RecordedAs, use).ConfigureAwait(false);
            }
            catch (ImageCacheException e) when (i + 1 < handlers.Count && MayBeHadOtherwise(e))
            {
                step.Monitor.Warn($"{handlers[i].Method} did not bring image '{image.Id}', {handlers[i + 1].Method} is tried: {e.Message}");
            }
        }
    }

    private static async Task<T> UseAsync<T>(IByteSource bytes, BaseImageMethod method, Func<IByteSource, BaseImageMethod, Task<T>> use)
    {
        await using ConfiguredAsyncDisposable ended = bytes.ConfigureAwait(false);
        return await use(bytes, method).ConfigureAwait(false);
    }

    // Bytes that are not the image's are never fetched again by another method: that would hide what is wrong in the store.
    private static bool MayBeHadOtherwise(ImageCacheException error)
        => error is UnavailableException { ErrorId: not ErrorIds.DiskFull } or NotFoundException or BusyException { ErrorId: ErrorIds.VolumeBusy }
            or PolicyException { ErrorId: ErrorIds.OtherCluster or ErrorIds.MethodUnavailable or ErrorIds.AccessDenied };

    private static void RequireUriMethod(FetchMethod? method)
    {
        if (method is not (null or FetchMethod.Auto or FetchMethod.Download))
        {
            throw new UnavailableException(
                ErrorIds.MethodUnavailable,
                $"{method} cannot bring an image that is named by a URI.",
                nextStep: "Leave the method out.",
                category: FailureCategory.ResourceUnavailable);
        }
    }
}
