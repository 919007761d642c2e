using ImageCache.Engine.Requests;
using ImageCache.Engine.Tests.Faults;
using Xunit;

namespace ImageCache.Engine.Tests.Fetch;

/// <summary>Several who want one image at once: one moves the bytes, the others have a hit.</summary>
public sealed class SingleFlightTests : IAsyncDisposable
{
    private const int Many = 8;

    private readonly EngineBed _bed = new();
    private readonly FakeImage _image;

    public SingleFlightTests() => _image = _bed.Cloud.Add(new FakeImage { Data = TestData.Noise(4_000_000) });

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _bed.DisposeAsync();

    [Fact]
    public async Task Many_images_at_once_do_not_disturb_each_other()
    {
        FetchRequest[] requests = [.. Enumerable.Range(0, 40)
            .Select(i => _bed.Cloud.Add(new FakeImage { Data = TestData.Noise(10_000 + i, seed: i) }))
            .SelectMany(static image => (FetchRequest[])[new() { Image = image.Id }, new() { Image = image.Id, Force = true }])];
        List<FetchOutcome> outcomes = [];
        await foreach (FetchOutcome outcome in _bed.Open().FetchAsync(requests, Many, _bed.Monitor, Token))
        {
            outcomes.Add(outcome);
        }

        Assert.Equal(80, outcomes.Count);
        Assert.All(outcomes, static outcome => Assert.True(outcome.Error is null, outcome.Error?.Message));
        Assert.Empty(_bed.Leftovers());
        Assert.Empty(_bed.Monitor.Sample());
    }

    [Fact]
    public async Task When_the_one_fails_the_next_one_tries()
    {
        _bed.Settings["retries"] = "0";
        TaskCompletionSource gate = new();
        _bed.Server.Next("GET", FakeCloud.DataPath(_image.Id), _ => FaultAnswer.Of(500) with { Gate = gate.Task });
        Task<FetchOutcome> first = _bed.TryFetchAsync(_image.Id);
        await _bed.Server.WaitForAsync(_ => _bed.DataRequests(_image.Id) == 1, Token);
        OperationMonitor monitor = new();
        Task<FetchOutcome> second = FetchWithAsync(monitor);
        while (monitor.Sample() is not [{ Stage: WorkStage.Waiting }])
        {
            await Task.Yield();
        }

        gate.SetResult();

        Assert.Equal(ErrorIds.ServiceUnavailable, (await first).Error?.ErrorId);
        Assert.False((await second).Image?.Hit);
        _bed.AssertWhole(_image.Id, _image.Data);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task No_more_transfers_run_at_once_than_the_throttle_limit_says(int limit)
    {
        FakeImage[] images = [.. Enumerable.Range(0, 9).Select(i => _bed.Cloud.Add(new FakeImage { Data = TestData.Noise(1000, seed: i) }))];
        int running = 0;
        int most = 0;
        foreach (FakeImage image in images)
        {
            // Counted from the record's answer to the data's: a fetch is under way at least that long.
            _bed.Server.Next("GET", FakeCloud.ImagePath(image.Id), answer =>
            {
                InterlockedMax(ref most, Interlocked.Increment(ref running));
                return answer;
            });
            _bed.Server.Next("GET", FakeCloud.DataPath(image.Id), answer => answer with { Gate = LeaveAsync() });
        }

        async Task LeaveAsync()
        {
            await Task.Delay(20, Token);
            Interlocked.Decrement(ref running);
        }

        await foreach (FetchOutcome outcome in _bed.Open().FetchAsync([.. images.Select(static image => new FetchRequest { Image = image.Id })], limit, _bed.Monitor, Token))
        {
            Assert.Null(outcome.Error);
        }

        Assert.Equal(limit, most);
    }

    [Fact]
    public async Task One_failure_stops_no_other()
    {
        string unknown = Guid.NewGuid().ToString();
        FetchRequest[] requests = [new() { Image = unknown }, new() { Image = _image.Id }, new() { Image = "no such name" }];
        List<FetchOutcome> outcomes = [];
        await foreach (FetchOutcome outcome in _bed.Open().FetchAsync(requests, 2, _bed.Monitor, Token))
        {
            outcomes.Add(outcome);
        }

        Assert.Equal(3, outcomes.Count);
        Assert.Equal(_image.Id, Assert.Single(outcomes, static outcome => outcome.Error is null).Image!.Id);
        Assert.All(outcomes.Where(static outcome => outcome.Error is not null), static outcome => Assert.Equal(ErrorIds.ImageNotFound, outcome.Error!.ErrorId));
    }

    private static void InterlockedMax(ref int target, int value)
    {
        int seen = Volatile.Read(ref target);
        while (value > seen)
        {
            int before = Interlocked.CompareExchange(ref target, value, seen);
            if (before == seen)
            {
                return;
            }

            seen = before;
        }
    }

    private async Task<FetchOutcome> FetchWithAsync(OperationMonitor monitor)
    {
        await foreach (FetchOutcome outcome in _bed.Open().FetchAsync([new FetchRequest { Image = _image.Id }], 1, monitor, Token))
        {
            return outcome;
        }

        throw new InvalidOperationException("no outcome");
    }
}
