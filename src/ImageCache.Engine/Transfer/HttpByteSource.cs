using System.Net;
using ImageCache.Engine.Configuration;
using ImageCache.Engine.OpenStack.Http;

namespace ImageCache.Engine.Transfer;

/// <summary>
/// Image data over HTTP. After a break the rest is asked for by Range; a server that does not honour it (Glance on an rbd store
/// answers 400) is asked for everything again, and not a second time for a range.
/// </summary>
/// <param name="imageId">The image, for messages.</param>
/// <param name="expectedSize">Bytes that the image has, when somebody said so.</param>
/// <param name="configuration">Timeouts and connections.</param>
/// <param name="open">Sends one GET.</param>
internal sealed class HttpByteSource(
    string imageId, long? expectedSize, ImageCacheConfiguration configuration, HttpOpen open) : IByteSource
{
    private const int ConnectionsOfOurChoice = 4;

    private readonly long? _expectedSize = expectedSize;
    private bool _rangesRefused;
    private int _connections = configuration.ParallelRanges ?? 1;

    public long? Length { get; private set; } = expectedSize;

    public async Task<IByteReader> OpenAsync(long offset, CancellationToken cancellationToken)
    {
        if (_connections > 1 && await CanSplitAsync(offset, cancellationToken).ConfigureAwait(false))
        {
            return new ParallelRangeReader(offset, Length!.Value, _connections, configuration.IdleTimeout, SendAsync);
        }

        if (offset > 0 && !_rangesRefused)
        {
            if (await TryResumeAsync(offset, cancellationToken).ConfigureAwait(false) is { } rest)
            {
                return rest;
            }

            _rangesRefused = true;
        }

        DataResponse answer = await SendAsync(0, null, cancellationToken).ConfigureAwait(false);
        try
        {
            return answer.Status == HttpStatusCode.OK ? Begin(answer) : throw Refusal(answer);
        }
        catch
        {
            await answer.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    /// <summary>The error that a status stands for: one to try again after, or a final one.</summary>
    internal static Exception Refusal(DataResponse answer)
    {
        ImageCacheException error = answer.ToException();
        return answer.MayRepeat
            ? new TransferInterruptedException(error.Message.TrimEnd('.'), answer.RetryAfter, error)
            : error;
    }

    private async Task<IByteReader?> TryResumeAsync(long offset, CancellationToken cancellationToken)
    {
        DataResponse answer = await SendAsync(offset, null, cancellationToken).ConfigureAwait(false);
        try
        {
            switch (answer.Status)
            {
                case HttpStatusCode.PartialContent when answer.Range is { } range && range.From == offset && (range.Length ?? Length) == Length:
                    return new HttpByteReader(answer, offset, configuration.IdleTimeout);

                case HttpStatusCode.OK:
                    // The range was ignored: the same answer serves the new beginning.
                    return Begin(answer);

                case HttpStatusCode.BadRequest or HttpStatusCode.RequestedRangeNotSatisfiable or HttpStatusCode.PartialContent
                    or HttpStatusCode.NotImplemented:
                    await answer.DisposeAsync().ConfigureAwait(false);
                    return null;

                default:
                    throw Refusal(answer);
            }
        }
        catch
        {
            await answer.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    // One byte tells whether the server honours ranges; the transfer in work is not given up for a guess.
    private async Task<bool> CanSplitAsync(long offset, CancellationToken cancellationToken)
    {
        if (_rangesRefused || Length is not { } length || !ParallelRangeReader.IsWorthwhile(length - offset))
        {
            return false;
        }

        DataResponse answer = await SendAsync(offset, 1, cancellationToken).ConfigureAwait(false);
        await using System.Runtime.CompilerServices.ConfiguredAsyncDisposable ended = answer.ConfigureAwait(false);
        if (answer.MayRepeat)
        {
            // A busy server says nothing about ranges.
            return false;
        }

        _rangesRefused = answer.Status != HttpStatusCode.PartialContent || (answer.Range?.Length ?? length) != length;
        return !_rangesRefused;
    }

    private async Task<bool> TakeMoreConnectionsAsync(long seenFrom, CancellationToken cancellationToken)
    {
        try
        {
            if (!await CanSplitAsync(seenFrom, cancellationToken).ConfigureAwait(false))
            {
                return false;
            }
        }
        catch (TransferInterruptedException)
        {
            // The connection that works is not given up because another one could not be had.
            return false;
        }

        _connections = ConnectionsOfOurChoice;
        return true;
    }

    private async Task<DataResponse> SendAsync(long offset, long? length, CancellationToken cancellationToken)
    {
        try
        {
            return await open(offset, length, cancellationToken).ConfigureAwait(false);
        }
        catch (UnavailableException e) when (e.ErrorId == ErrorIds.ServiceUnavailable)
        {
            throw new TransferInterruptedException(e.Message.TrimEnd('.'), cause: e);
        }
    }

    private HttpByteReader Begin(DataResponse answer)
    {
        if (_expectedSize is { } expected && answer.ContentLength is { } announced && announced != expected)
        {
            throw new VerificationException(
                ErrorIds.SizeMismatch,
                $"The data of image '{imageId}' should have {expected} bytes by its record, but the server announces {announced}. Nothing was kept.",
                imageId,
                "Compare the image's data in its store with its record.");
        }

        Length ??= answer.ContentLength;
        bool mayChoose = configuration.ParallelRanges is null && !_rangesRefused;
        return new HttpByteReader(answer, 0, configuration.IdleTimeout, mayChoose ? token => TakeMoreConnectionsAsync(0, token) : null);
    }
}
