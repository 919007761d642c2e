using System.Diagnostics;
using System.Net;
using ImageCache.Engine.OpenStack.Http;

namespace ImageCache.Engine.Transfer;

/// <summary>
/// Image data over HTTP. After a break the rest is asked for by Range; a server that does not honour it (Glance on an rbd store
/// answers 400) is asked for everything again, and not a second time for a range.
/// </summary>
/// <param name="imageId">The image, for messages.</param>
/// <param name="expectedSize">Bytes that the image has, when somebody said so.</param>
/// <param name="idleTimeout">The window in which a trickle must bring a minimum of bytes.</param>
/// <param name="open">Sends one GET; an offset above 0 asks for the bytes from there on.</param>
internal sealed class HttpByteSource(
    string imageId, long? expectedSize, TimeSpan idleTimeout, Func<long, CancellationToken, Task<DataResponse>> open) : IByteSource
{
    private readonly long? _expectedSize = expectedSize;
    private bool _rangesRefused;

    public long? Length { get; private set; } = expectedSize;

    public async Task<IByteReader> OpenAsync(long offset, CancellationToken cancellationToken)
    {
        if (offset > 0 && !_rangesRefused)
        {
            if (await TryResumeAsync(offset, cancellationToken).ConfigureAwait(false) is { } rest)
            {
                return rest;
            }

            _rangesRefused = true;
        }

        DataResponse answer = await SendAsync(0, cancellationToken).ConfigureAwait(false);
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

    private async Task<IByteReader?> TryResumeAsync(long offset, CancellationToken cancellationToken)
    {
        DataResponse answer = await SendAsync(offset, cancellationToken).ConfigureAwait(false);
        try
        {
            switch (answer.Status)
            {
                case HttpStatusCode.PartialContent when answer.Range is { } range && range.From == offset && (range.Length ?? Length) == Length:
                    return new HttpByteReader(answer, offset, idleTimeout);

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

    private async Task<DataResponse> SendAsync(long offset, CancellationToken cancellationToken)
    {
        try
        {
            return await open(offset, cancellationToken).ConfigureAwait(false);
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
        return new HttpByteReader(answer, 0, idleTimeout);
    }

    private static Exception Refusal(DataResponse answer)
    {
        ImageCacheException error = answer.ToException();
        return answer.MayRepeat
            ? new TransferInterruptedException(error.Message.TrimEnd('.'), answer.RetryAfter, error)
            : error;
    }

    private sealed class HttpByteReader(DataResponse answer, long start, TimeSpan window) : IByteReader
    {
        // A server that drips keeps every idle timeout happy; below this many bytes a second it counts as stalled.
        private const long LeastBytesPerSecond = 1024;

        private TimeSpan _waited;
        private long _arrived;

        public long Start => start;

        public async ValueTask<ReadRun> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken)
        {
            long begun = Stopwatch.GetTimestamp();
            try
            {
                int read = await answer.Body.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
                RequireFlow(read, Stopwatch.GetElapsedTime(begun));
                return new ReadRun(read, 0);
            }
            catch (Exception e) when (e is IOException or HttpRequestException or TimeoutException)
            {
                throw new TransferInterruptedException(e.Message.TrimEnd('.'), cause: e);
            }
        }

        public ValueTask DisposeAsync() => answer.DisposeAsync();

        private void RequireFlow(int read, TimeSpan waited)
        {
            _waited += waited;
            _arrived += read;
            if (_waited < window || read == 0)
            {
                return;
            }

            if (_arrived < _waited.TotalSeconds * LeastBytesPerSecond)
            {
                throw new TimeoutException($"only {_arrived} bytes came in {_waited.TotalSeconds:0.#} s");
            }

            _waited = TimeSpan.Zero;
            _arrived = 0;
        }
    }
}
