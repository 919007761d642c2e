using FsCheck;
using FsCheck.Fluent;
using ImageCache.Engine.Requests;
using ImageCache.Engine.Tests.Faults;
using ImageCache.Engine.Transfer;
using Xunit;

namespace ImageCache.Engine.Tests.Transfer;

public sealed class RateLimiterTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task Those_who_share_a_limit_keep_to_it_together(int takers)
    {
        const long Rate = 1_000_000;
        const int Piece = 50_000;
        const int Pieces = 60;
        ManualTime time = new();
        RateLimiter limiter = new(Rate, time);
        Task[] all = [.. Enumerable.Range(0, takers).Select(async _ =>
        {
            for (int i = 0; i < Pieces; i++)
            {
                await limiter.TakeAsync(Piece, Token);
            }
        })];
        while (!Task.WhenAll(all).IsCompleted)
        {
            if (time.Waiting > 0)
            {
                time.Next();
            }
            else
            {
                await Task.Yield();
            }
        }

        double expected = (double)takers * Pieces * Piece / Rate;
        Assert.InRange(time.Now.TotalSeconds, expected - 0.3, expected + 0.1);
    }

    [Fact]
    public void What_is_within_the_burst_does_not_wait()
        => Assert.True(new RateLimiter(1_000_000, new ManualTime()).TakeAsync(250_000, Token).IsCompleted);

    [Fact]
    public void However_long_nobody_asked_no_more_than_the_burst_is_saved_up()
    {
        ManualTime time = new();
        RateLimiter limiter = new(1000, time);
        using (time.CreateTimer(static _ => { }, null, TimeSpan.FromHours(1), Timeout.InfiniteTimeSpan))
        {
            time.Next();
        }

        Assert.True(limiter.TakeAsync(250, Token).IsCompleted);
        Assert.False(limiter.TakeAsync(250, Token).IsCompleted);
    }

    [Fact]
    public void Any_rate_asks_for_pieces_of_a_sensible_size()
        => Prop.ForAll<PositiveInt>(static rate => new RateLimiter(rate.Get, TimeProvider.System).LargestRequest is >= 1 and <= 1 << 20).QuickCheckThrowOnFailure();

    [Fact]
    public async Task A_wait_can_be_cancelled()
    {
        using CancellationTokenSource stop = new();
        RateLimiter limiter = new(1, new ManualTime());
        Task wait = limiter.TakeAsync(1000, stop.Token);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => wait);
    }

    [Fact]
    public async Task Two_transfers_of_one_engine_share_the_limit_of_the_configuration()
    {
        await using EngineBed bed = new();
        bed.Settings["rate_limit"] = "2000000";
        FakeImage[] images = [.. Enumerable.Range(0, 2).Select(i => bed.Cloud.Add(new FakeImage { Data = TestData.Noise(1_500_000, seed: i) }))];
        long begun = System.Diagnostics.Stopwatch.GetTimestamp();
        await foreach (FetchOutcome outcome in bed.Open(TimeProvider.System).FetchAsync([.. images.Select(static image => new FetchRequest { Image = image.Id })], 2, bed.Monitor, Token))
        {
            Assert.Null(outcome.Error);
        }

        // Three million bytes, half a million of them at once.
        Assert.True(System.Diagnostics.Stopwatch.GetElapsedTime(begun) > TimeSpan.FromSeconds(1.2), "the limit was not kept");
    }
}
