using System.Net.Http.Headers;

namespace ImageCache.Engine.OpenStack.Http;

/// <summary>
/// How long to wait before the next attempt: doubling waits with jitter, or what the server asks for. One schedule serves
/// requests and broken transfers alike. Source of Retry-After: RFC 9110, section 10.2.3.
/// </summary>
internal sealed class RetrySchedule(int retries, TimeProvider time)
{
    /// <summary>Attempts after the first.</summary>
    public int Retries { get; } = retries;

    /// <summary>The clock that waits; tests have one that does not.</summary>
    public TimeProvider Time { get; } = time;

    /// <summary>The wait before the second attempt, jitter left out.</summary>
    public TimeSpan BaseDelay { get; init; } = TimeSpan.FromSeconds(0.5);

    /// <summary>The longest wait that we choose ourselves.</summary>
    public TimeSpan LongestDelay { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The longest wait that a server may ask for; beyond it we give up at once.</summary>
    public TimeSpan LongestRetryAfter { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>A number from 0 up to 1.</summary>
    public Func<double> Jitter { get; init; } = Random.Shared.NextDouble;

    /// <summary>Whether the wait that a server asks for can be granted.</summary>
    public bool Allows(TimeSpan? retryAfter) => retryAfter is null || retryAfter <= LongestRetryAfter;

    /// <summary>The wait after a failed attempt (0 is the first one).</summary>
    public TimeSpan DelayAfter(int attempt, TimeSpan? retryAfter = null)
    {
        if (retryAfter is { } asked)
        {
            // A little more than asked for, so that a fleet does not come back in the same moment.
            return asked + (BaseDelay * Jitter());
        }

        double full = Math.Min(BaseDelay.TotalSeconds * Math.Pow(2, Math.Min(attempt, 30)), LongestDelay.TotalSeconds);
        return TimeSpan.FromSeconds(full * (0.5 + (0.5 * Jitter())));
    }

    /// <summary>Waits after a failed attempt (0 is the first one).</summary>
    public Task WaitAsync(int attempt, TimeSpan? retryAfter, CancellationToken cancellationToken)
        => Task.Delay(DelayAfter(attempt, retryAfter), Time, cancellationToken);

    /// <summary>The wait that an answer asks for, if it does.</summary>
    public TimeSpan? RetryAfter(HttpResponseMessage answer)
    {
        if (answer.Headers.RetryAfter is not { } header)
        {
            return null;
        }

        TimeSpan wait = header switch
        {
            { Delta: { } delta } => delta,
            { Date: { } date } => date - Now(answer.Headers),
            _ => TimeSpan.Zero,
        };
        return wait < TimeSpan.Zero ? TimeSpan.Zero : wait;
    }

    // The server's clock counts, if it tells.
    private DateTimeOffset Now(HttpResponseHeaders headers) => headers.Date ?? Time.GetUtcNow();
}
