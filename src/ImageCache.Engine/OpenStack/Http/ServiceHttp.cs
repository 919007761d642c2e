using System.Diagnostics;
using Microsoft.Extensions.Logging;

namespace ImageCache.Engine.OpenStack.Http;

/// <summary>
/// The one way in which requests leave: with time limits, repeats, bounded answers, and errors that say who did not answer.
/// Redirects are answers, not followed: a token goes where it was meant to go. Methods may run at the same time.
/// </summary>
internal sealed class ServiceHttp : IDisposable
{
    /// <summary>The largest answer of an API call: a page of a thousand image records with room to spare.</summary>
    public const long LargestAnswer = 64L << 20;

    /// <summary>The largest error page that is read.</summary>
    public const long LargestError = 1L << 20;

    /// <summary>Send once: the caller repeats by itself.</summary>
    public static readonly HttpRequestOptionsKey<bool> NoRetry = new("ImageCache.NoRetry");

    /// <summary>May be repeated although it is neither GET nor HEAD.</summary>
    public static readonly HttpRequestOptionsKey<bool> SafeToRepeat = new("ImageCache.SafeToRepeat");

    /// <summary>Leave the body on the wire for the caller to read.</summary>
    public static readonly HttpRequestOptionsKey<bool> Streamed = new("ImageCache.Streamed");

    /// <summary>The largest body that is taken, when it is not <see cref="LargestAnswer"/>.</summary>
    public static readonly HttpRequestOptionsKey<long> BodyLimit = new("ImageCache.BodyLimit");

    /// <summary>How often the request was sent.</summary>
    internal static readonly HttpRequestOptionsKey<int> Attempts = new("ImageCache.Attempts");

    private const int MostRedirects = 10;

    private readonly ServiceHttpOptions _options;
    private readonly ILogger _logger;
    private readonly HttpMessageInvoker _invoker;

    /// <summary>Opens the stack; connections are made when they are needed.</summary>
    /// <param name="options">Limits and TLS.</param>
    /// <param name="schedule">When to repeat; <see langword="null"/> makes the usual one of <paramref name="options"/>.</param>
    /// <param name="loggers">Where log lines go.</param>
    /// <exception cref="InvalidInputException">A certificate file cannot be used.</exception>
    public ServiceHttp(ServiceHttpOptions options, RetrySchedule? schedule, ILoggerFactory loggers)
    {
        _options = options;
        _logger = loggers.CreateLogger<ServiceHttp>();
        Schedule = schedule ?? new RetrySchedule(options.Retries, TimeProvider.System);
        _invoker = new HttpMessageInvoker(
            new RetryHandler(Schedule, _logger, new AttemptHandler(options, SocketHandlers.Create(options))), disposeHandler: true);
    }

    /// <summary>When repeats come; the transfer of bodies keeps to the same.</summary>
    public RetrySchedule Schedule { get; }

    /// <summary>Knows the secrets in use.</summary>
    public Redactor Redactor { get; } = new();

    /// <summary>Sends a request and returns the answer, whatever its status; its body is in memory unless <see cref="Streamed"/> is set.</summary>
    /// <exception cref="UnavailableException">No answer, or one that is cut off or too large.</exception>
    public async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, ServiceCall call, CancellationToken cancellationToken)
    {
        string url = Redactor.Url(request.RequestUri!);
        string requestId = "req-" + Guid.NewGuid();
        request.Version = System.Net.HttpVersion.Version11;
        request.Headers.TryAddWithoutValidation("User-Agent", "imagecache");
        request.Headers.TryAddWithoutValidation("X-Openstack-Request-Id", requestId);
        HttpLog.Sending(_logger, request.Method.Method, url, requestId);
        long start = Stopwatch.GetTimestamp();
        try
        {
            HttpResponseMessage answer = await _invoker.SendAsync(request, cancellationToken).ConfigureAwait(false);
            LogAnswer(request, url, answer, requestId, start);
            return answer;
        }
        catch (Exception error) when (error is HttpRequestException or IOException or TimeoutException or InvalidDataException)
        {
            LogFailure(request, url, error, start);
            throw ServiceFailure.From(error, request, call, Redactor);
        }
    }

    /// <summary>Sends a GET without repeats and leaves the body on the wire. Any status is an answer.</summary>
    /// <exception cref="UnavailableException">No answer; <see cref="TransientFailure"/> tells whether to try again.</exception>
    public async Task<DataResponse> OpenAsync(HttpRequestMessage request, ServiceCall call, CancellationToken cancellationToken)
    {
        request.Options.Set(NoRetry, true);
        request.Options.Set(Streamed, true);
        HttpResponseMessage answer = await SendAsync(request, call, cancellationToken).ConfigureAwait(false);
        try
        {
            return await DataResponse.FromAsync(answer, call, this, _options.IdleTimeout, cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            answer.Dispose();
            throw;
        }
    }

    /// <summary>
    /// As <see cref="OpenAsync(HttpRequestMessage, ServiceCall, CancellationToken)"/>, for a public URL: redirects are followed, since
    /// no token of ours travels, but never from https to another scheme.
    /// </summary>
    public async Task<DataResponse> OpenPublicAsync(Uri url, Action<HttpRequestMessage> prepare, ServiceCall call, CancellationToken cancellationToken)
    {
        for (int hop = 0; ; hop++)
        {
            Redactor.Add(url);
            using HttpRequestMessage request = new(HttpMethod.Get, url);
            prepare(request);
            DataResponse answer = await OpenAsync(request, call, cancellationToken).ConfigureAwait(false);
            if (answer.Redirect is not { } target || hop == MostRedirects || !MayFollow(url, target))
            {
                return answer;
            }

            await answer.DisposeAsync().ConfigureAwait(false);
            url = target;
        }
    }

    public void Dispose() => _invoker.Dispose();

    /// <summary>The id that a service gives a request; nova, Glance and Keystone log under it.</summary>
    internal static string? RequestId(HttpResponseMessage answer)
        => answer.Headers.TryGetValues("x-openstack-request-id", out IEnumerable<string>? values) ? values.FirstOrDefault() : null;

    private static bool MayFollow(Uri from, Uri to)
        => to.Scheme == Uri.UriSchemeHttps || (to.Scheme == Uri.UriSchemeHttp && from.Scheme == Uri.UriSchemeHttp);

    private void LogAnswer(HttpRequestMessage request, string url, HttpResponseMessage answer, string requestId, long start)
    {
        if (_logger.IsEnabled(LogLevel.Debug))
        {
            string id = Redactor.Text(RequestId(answer) ?? requestId);
            double elapsed = Elapsed(start);
            HttpLog.Answered(_logger, request.Method.Method, url, (int)answer.StatusCode, elapsed, id);
        }
    }

    private void LogFailure(HttpRequestMessage request, string url, Exception error, long start)
    {
        if (_logger.IsEnabled(LogLevel.Debug))
        {
            string reason = Redactor.Text(error.Message);
            double elapsed = Elapsed(start);
            HttpLog.Failed(_logger, request.Method.Method, url, reason, elapsed);
        }
    }

    private static double Elapsed(long start) => Math.Round(Stopwatch.GetElapsedTime(start).TotalMilliseconds, 1);
}
