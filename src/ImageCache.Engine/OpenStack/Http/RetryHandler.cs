using System.Net;
using Microsoft.Extensions.Logging;
using Polly;
using Polly.Retry;

namespace ImageCache.Engine.OpenStack.Http;

/// <summary>Repeats what may be repeated: requests without effect (GET, HEAD, a new token) that broke off or met a busy server.</summary>
internal sealed class RetryHandler : DelegatingHandler
{
    private readonly RetrySchedule _schedule;
    private readonly ILogger _logger;
    private readonly ResiliencePipeline<HttpResponseMessage> _pipeline;

    public RetryHandler(RetrySchedule schedule, ILogger logger, HttpMessageHandler inner)
        : base(inner)
    {
        _schedule = schedule;
        _logger = logger;
        _pipeline = schedule.Retries < 1 ? ResiliencePipeline<HttpResponseMessage>.Empty : Build();
    }

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        request.Options.Set(ServiceHttp.Attempts, 0);
        if (!MayRepeat(request))
        {
            return await SendOnceAsync(request, cancellationToken).ConfigureAwait(false);
        }

        return await _pipeline.ExecuteAsync(
            async (state, token) => await SendOnceAsync(state, token).ConfigureAwait(false), request, cancellationToken).ConfigureAwait(false);
    }

    private static bool MayRepeat(HttpRequestMessage request)
    {
        if (request.Options.TryGetValue(ServiceHttp.NoRetry, out bool noRetry) && noRetry)
        {
            return false;
        }

        return request.Method == HttpMethod.Get || request.Method == HttpMethod.Head
            || (request.Options.TryGetValue(ServiceHttp.SafeToRepeat, out bool safe) && safe);
    }

    private Task<HttpResponseMessage> SendOnceAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        request.Options.TryGetValue(ServiceHttp.Attempts, out int attempts);
        request.Options.Set(ServiceHttp.Attempts, attempts + 1);
        return base.SendAsync(request, cancellationToken);
    }

    private ResiliencePipeline<HttpResponseMessage> Build()
        => new ResiliencePipelineBuilder<HttpResponseMessage> { TimeProvider = _schedule.Time }
            .AddRetry(new RetryStrategyOptions<HttpResponseMessage>
            {
                MaxRetryAttempts = _schedule.Retries,
                ShouldHandle = arguments => ValueTask.FromResult(IsWorthRepeating(arguments.Outcome)),
                DelayGenerator = arguments => ValueTask.FromResult<TimeSpan?>(
                    _schedule.DelayAfter(arguments.AttemptNumber, arguments.Outcome.Result is { } answer ? _schedule.RetryAfter(answer) : null)),
                OnRetry = arguments =>
                {
                    LogRepeat(arguments.Outcome, arguments.AttemptNumber + 1, arguments.RetryDelay);
                    return ValueTask.CompletedTask;
                },
            })
            .Build();

    private bool IsWorthRepeating(Outcome<HttpResponseMessage> outcome) => outcome switch
    {
        { Exception: OperationCanceledException } => false,
        { Exception: { } error } => TransientFailure.Is(error),
        { Result: { } answer } => TransientFailure.Is(answer.StatusCode) && _schedule.Allows(_schedule.RetryAfter(answer)),
        _ => false,
    };

    private void LogRepeat(Outcome<HttpResponseMessage> outcome, int attempt, TimeSpan delay)
    {
        HttpStatusCode? status = outcome.Result?.StatusCode;
        string reason = status is { } code ? $"status {(int)code}" : outcome.Exception?.GetType().Name ?? "no answer";
        HttpLog.Repeating(_logger, reason, attempt, _schedule.Retries, delay.TotalSeconds);
    }
}
