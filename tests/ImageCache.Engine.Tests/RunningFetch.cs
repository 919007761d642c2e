using System.Diagnostics;
using ImageCache.Engine.Requests;
using Xunit;

namespace ImageCache.Engine.Tests;

/// <summary>A fetch under way by the real clock, to be watched and cancelled.</summary>
internal sealed class RunningFetch : IDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(120);

    private readonly CancellationTokenSource _stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
    private readonly Task<FetchOutcome> _fetch;

    private RunningFetch(EngineBed node, FetchRequest request, OperationMonitor monitor)
    {
        Monitor = monitor;
        ImageCacheEngine engine = node.Open(TimeProvider.System);
        _fetch = Task.Run(
            async () =>
            {
                await foreach (FetchOutcome outcome in engine.FetchAsync([request], 1, monitor, _stop.Token))
                {
                    return outcome;
                }

                throw new InvalidOperationException("there was no outcome");
            },
            Token);
    }

    public OperationMonitor Monitor { get; }

    public bool IsCompleted => _fetch.IsCompleted;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static RunningFetch Start(EngineBed node, FetchRequest request, OperationMonitor? monitor = null)
        => new(node, request, monitor ?? new OperationMonitor());

    public static RunningFetch Start(EngineBed node, string image) => Start(node, new FetchRequest { Image = image });

    /// <summary>Waits until so much of a stage is done; looks without a pause, for a stage may be short.</summary>
    /// <returns>Whether it was seen before the fetch ended.</returns>
    public Task<bool> ReachAsync(WorkStage stage, long done = 0) => Task.Run(
        () =>
        {
            Stopwatch clock = Stopwatch.StartNew();
            while (!Monitor.Sample().Any(item => item.Stage == stage && item.Done >= done))
            {
                if (IsCompleted)
                {
                    return false;
                }

                Assert.True(clock.Elapsed < s_patience, $"{stage} was never reached");
            }

            return true;
        },
        Token);

    /// <summary>Waits until nothing comes any more.</summary>
    public async Task StandStillAsync()
    {
        Stopwatch clock = Stopwatch.StartNew();
        IReadOnlyList<ProgressSnapshot> before = [];
        while (Monitor.Sample() is var now && !now.SequenceEqual(before))
        {
            Assert.True(clock.Elapsed < s_patience, "it went on and on");
            before = now;
            await Task.Delay(300, Token);
        }

        Assert.False(IsCompleted, "it ended");
    }

    /// <summary>Waits for its end.</summary>
    public Task<FetchOutcome> EndAsync() => _fetch.WaitAsync(s_patience, Token);

    /// <summary>Cancels, and waits for its end.</summary>
    /// <returns>Whether it ended for that; else it was done before.</returns>
    public async Task<bool> CancelAsync()
    {
        await _stop.CancelAsync();
        try
        {
            FetchOutcome outcome = await EndAsync();
            Assert.True(outcome.Error is null, $"it ended with {outcome.Error}");
            return false;
        }
        catch (OperationCanceledException)
        {
            return true;
        }
    }

    public void Dispose() => _stop.Dispose();
}
