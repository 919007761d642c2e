using System.Net;
using System.Net.Http.Headers;

namespace ImageCache.Engine.OpenStack.Http;

/// <summary>An answer whose body, if it is one of success, is still on the wire. Disposing of it ends the exchange.</summary>
internal sealed class DataResponse : IAsyncDisposable
{
    private readonly HttpResponseMessage _answer;
    private readonly Stream _body;
    private readonly ServiceCall _call;
    private readonly Redactor _redactor;
    private readonly byte[] _error;

    private DataResponse(HttpResponseMessage answer, Stream body, byte[] error, ServiceCall call, ServiceHttp http)
    {
        _answer = answer;
        _body = body;
        _error = error;
        _call = call;
        _redactor = http.Redactor;
        RetryAfter = http.Schedule.RetryAfter(answer);
        MayRepeat = TransientFailure.Is(answer.StatusCode) && http.Schedule.Allows(RetryAfter);
    }

    /// <summary>The status: 200, 206, 204, 400 and 416 have their own meanings for image data.</summary>
    public HttpStatusCode Status => _answer.StatusCode;

    /// <summary>The body; a read throws <see cref="TimeoutException"/> when no byte comes for the idle timeout, and
    /// <see cref="IOException"/> when the connection breaks. Empty for answers that are errors.</summary>
    public Stream Body => _body;

    /// <summary>The announced length of this body; not to be trusted.</summary>
    public long? ContentLength => _answer.Content.Headers.ContentLength;

    /// <summary>What part a 206 holds.</summary>
    public ContentRangeHeaderValue? Range => _answer.Content.Headers.ContentRange;

    /// <summary>Glance's Content-MD5: the hex MD5 of the whole image.</summary>
    public string? ContentMd5 => _answer.Content.Headers.TryGetValues("Content-MD5", out IEnumerable<string>? values) ? values.FirstOrDefault() : null;

    /// <summary>The strong entity tag, if the server has one.</summary>
    public EntityTagHeaderValue? EntityTag => _answer.Headers.ETag;

    /// <summary>When the data last changed, if the server tells.</summary>
    public DateTimeOffset? LastModified => _answer.Content.Headers.LastModified;

    /// <summary>Where a redirect points, if it is a place at all.</summary>
    public Uri? Redirect => (int)Status is 301 or 302 or 303 or 307 or 308 && _answer.Headers.Location is { } location
        && Uri.TryCreate(_answer.RequestMessage!.RequestUri!, location, out Uri? target)
        ? target
        : null;

    /// <summary>How long the server asks to wait.</summary>
    public TimeSpan? RetryAfter { get; }

    /// <summary>Whether the status may be another one after a wait that we are willing to make.</summary>
    public bool MayRepeat { get; }

    /// <summary>The error that this answer is, for a status that the caller cannot use.</summary>
    public ImageCacheException ToException() => ServiceFailure.From(_answer, _error, _call, _redactor, RetryAfter);

    public async ValueTask DisposeAsync()
    {
        // Dispose of the answer first: the rest of a body that nobody wants is not drained.
        _answer.Dispose();
        await _body.DisposeAsync().ConfigureAwait(false);
    }

    internal static async Task<DataResponse> FromAsync(
        HttpResponseMessage answer, ServiceCall call, ServiceHttp http, TimeSpan idleTimeout, CancellationToken cancellationToken)
    {
        if (answer.IsSuccessStatusCode)
        {
            Stream body = await answer.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
            return new DataResponse(answer, new IdleTimeoutStream(body, idleTimeout), [], call, http);
        }

        byte[] error = await ReadErrorAsync(answer, idleTimeout, cancellationToken).ConfigureAwait(false);
        return new DataResponse(answer, Stream.Null, error, call, http);
    }

    // The status says enough; a page that cannot be read changes nothing.
    private static async Task<byte[]> ReadErrorAsync(HttpResponseMessage answer, TimeSpan idleTimeout, CancellationToken cancellationToken)
    {
        try
        {
            return await BoundedBody.ReadAsync(answer, ServiceHttp.LargestError, idleTimeout, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception error) when (error is IOException or HttpRequestException or TimeoutException or InvalidDataException)
        {
            return [];
        }
    }
}
