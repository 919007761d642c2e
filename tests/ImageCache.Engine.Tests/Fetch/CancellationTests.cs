using System.Diagnostics;
using ImageCache.Engine.Requests;
using ImageCache.Engine.Store;
using ImageCache.Engine.Tests.Faults;
using Xunit;

namespace ImageCache.Engine.Tests.Fetch;

/// <summary>Ctrl-C: when the caller has control back, lock, temporary files and child processes are gone.</summary>
public sealed class CancellationTests : IAsyncDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    private readonly EngineBed _bed = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _bed.DisposeAsync();

    [Fact]
    public async Task A_request_without_an_answer_is_left_at_once()
    {
        FakeImage image = Add();
        _bed.Server.Next("GET", FakeCloud.ImagePath(image.Id), static answer => answer with { StallBeforeHeaders = true });
        await CancelAsync(image, () => _bed.Server.WaitForAsync(seen => seen.Any(request => request.Path == FakeCloud.ImagePath(image.Id)), Token));
        AssertGone(image);
    }

    [Fact]
    public async Task The_wait_before_a_repeat_is_left_at_once()
    {
        FakeImage image = Add();
        _bed.Server.Next("GET", FakeCloud.DataPath(image.Id), static _ => FaultAnswer.Of(503, ("Retry-After", "50")));
        TaskCompletionSource waiting = new();
        OperationMonitor monitor = new(_ => waiting.TrySetResult());
        await CancelAsync(image, () => waiting.Task.WaitAsync(s_patience, Token), monitor, TimeProvider.System);
        AssertGone(image);
    }

    [Fact]
    public async Task The_wait_for_the_lock_is_left_at_once()
    {
        FakeImage image = Add();
        Directory.CreateDirectory(_bed.Layout.LocksPath);
        using BaseFileLock? held = BaseFileLock.TryAcquire(_bed.Layout.LockPath(CacheLayout.BaseName(image.Id)));
        OperationMonitor monitor = new();
        await CancelAsync(image, () => ReachAsync(monitor, WorkStage.Waiting), monitor);
        Assert.Equal(0, _bed.DataRequests(image.Id));
    }

    [Fact]
    public async Task A_caller_that_stops_listening_stops_the_rest()
    {
        FakeImage quick = Add();
        FakeImage slow = Add();
        _bed.Server.Next("GET", FakeCloud.DataPath(slow.Id), static answer => answer with { StallAfter = 1000 });
        FetchRequest[] requests = [new() { Image = slow.Id }, new() { Image = quick.Id }];
        await foreach (FetchOutcome outcome in _bed.Open().FetchAsync(requests, 2, _bed.Monitor, Token))
        {
            Assert.Equal(quick.Id, outcome.Image?.Id);
            break;
        }

        _bed.AssertWhole(quick.Id, quick.Data);
        AssertGone(slow);
    }

    private static async Task ReachAsync(OperationMonitor monitor, WorkStage stage)
    {
        Stopwatch clock = Stopwatch.StartNew();
        while (!monitor.Sample().Any(item => item.Stage == stage))
        {
            Assert.True(clock.Elapsed < s_patience, $"{stage} was never reached");
            await Task.Yield();
        }
    }

    private FakeImage Add() => _bed.Cloud.Add(new FakeImage { Data = TestData.Noise(600_000) });

    private async Task CancelAsync(FakeImage image, Func<Task> reached, OperationMonitor? monitor = null, TimeProvider? time = null)
    {
        using CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
        Task fetch = Task.Run(
            async () =>
            {
                await foreach (FetchOutcome outcome in _bed.Open(time).FetchAsync([new FetchRequest { Image = image.Id }], 1, monitor ?? _bed.Monitor, stop.Token))
                {
                    Assert.Fail($"it ended with {outcome.Error?.Message ?? "an image"}");
                }
            },
            Token);
        await reached();
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => fetch.WaitAsync(s_patience, Token));
    }

    private void AssertGone(FakeImage image)
    {
        Assert.False(File.Exists(_bed.BasePath(image.Id)), "a base file was left");
        Assert.Equal(RecordState.Missing, _bed.RecordOf(image.Id).State);
        Assert.Empty(_bed.Leftovers());
        Assert.Empty(_bed.Monitor.Sample());
        if (Directory.Exists(_bed.Layout.LocksPath))
        {
            using BaseFileLock? free = BaseFileLock.TryAcquire(_bed.Layout.LockPath(CacheLayout.BaseName(image.Id)));
            Assert.NotNull(free);
        }
    }
}
