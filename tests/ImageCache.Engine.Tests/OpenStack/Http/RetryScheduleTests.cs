using System.Globalization;
using System.Net;
using ImageCache.Engine.OpenStack.Http;
using Xunit;

namespace ImageCache.Engine.Tests.OpenStack.Http;

public sealed class RetryScheduleTests
{
    private readonly InstantTime _time = new() { Now = new DateTimeOffset(2026, 5, 1, 12, 0, 0, TimeSpan.Zero) };

    [Theory]
    [InlineData(0.0, new[] { 0.25, 0.5, 1.0, 2.0, 4.0, 5.0, 5.0 })]
    [InlineData(1.0, new[] { 0.5, 1.0, 2.0, 4.0, 8.0, 10.0, 10.0 })]
    public void WaitsDoubleUpToALimit(double jitter, double[] seconds)
    {
        RetrySchedule schedule = new(3, _time) { Jitter = () => jitter };
        Assert.Equal(seconds, Enumerable.Range(0, seconds.Length).Select(attempt => schedule.DelayAfter(attempt).TotalSeconds));
        Assert.Equal(seconds[^1], schedule.DelayAfter(int.MaxValue).TotalSeconds);
    }

    [Fact]
    public async Task WaitsAtLeastAsLongAsTheServerAsks()
    {
        RetrySchedule schedule = new(3, _time);
        await schedule.WaitAsync(0, TimeSpan.FromSeconds(17), TestContext.Current.CancellationToken);
        TimeSpan wait = Assert.Single(_time.Waits);
        Assert.InRange(wait.TotalSeconds, 17, 17.5);
    }

    [Fact]
    public async Task ACancelledWaitEnds()
    {
        RetrySchedule schedule = new(3, TimeProvider.System) { BaseDelay = TimeSpan.FromHours(1), LongestDelay = TimeSpan.FromHours(1) };
        using CancellationTokenSource stop = new();
        Task wait = schedule.WaitAsync(0, null, stop.Token);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => wait);
    }

    [Theory]
    [InlineData("30", null, 30)]
    [InlineData("Fri, 01 May 2026 12:00:10 GMT", null, 10)]
    [InlineData("Fri, 01 May 2026 11:00:00 GMT", null, 0)]
    [InlineData("Fri, 01 May 2026 15:00:10 GMT", "Fri, 01 May 2026 15:00:00 GMT", 10)]
    public void ReadsSecondsAndDatesByTheServersClock(string header, string? date, int seconds)
    {
        using HttpResponseMessage answer = new(HttpStatusCode.ServiceUnavailable);
        answer.Headers.Add("Retry-After", header);
        answer.Headers.Date = date is null ? null : DateTimeOffset.Parse(date, CultureInfo.InvariantCulture);
        Assert.Equal(TimeSpan.FromSeconds(seconds), new RetrySchedule(3, _time).RetryAfter(answer));
    }

    [Fact]
    public void NonsenseIsNoWait()
    {
        using HttpResponseMessage answer = new(HttpStatusCode.ServiceUnavailable);
        answer.Headers.TryAddWithoutValidation("Retry-After", "soon");
        Assert.Null(new RetrySchedule(3, _time).RetryAfter(answer));
    }

    [Fact]
    public void AnAbsurdWaitIsNotAllowed()
    {
        RetrySchedule schedule = new(3, _time);
        Assert.True(schedule.Allows(null));
        Assert.True(schedule.Allows(TimeSpan.FromSeconds(60)));
        Assert.False(schedule.Allows(TimeSpan.FromSeconds(61)));
    }
}
