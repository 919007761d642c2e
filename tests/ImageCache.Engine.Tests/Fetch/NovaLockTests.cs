using System.Diagnostics;
using ImageCache.Engine.Requests;
using ImageCache.Engine.Store;
using ImageCache.Engine.Tests.Faults;
using Xunit;

namespace ImageCache.Engine.Tests.Fetch;

/// <summary>nova's own code and we exclude each other from one base file.</summary>
public sealed class NovaLockTests : IAsyncDisposable
{
    private readonly EngineBed _bed = new();
    private readonly FakeImage _image;

    public NovaLockTests() => _image = _bed.Cloud.Add(new FakeImage { Data = TestData.Noise(300_000) });

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _bed.DisposeAsync();

    [Fact]
    public async Task We_wait_while_nova_works_on_the_file()
    {
        using Process nova = StartNova();
        Assert.Equal("LOCKED", await nova.StandardOutput.ReadLineAsync(Token));
        OperationMonitor monitor = new();
        Task<FetchOutcome> fetch = FetchAsync(monitor);
        await ReachAsync(monitor, WorkStage.Waiting);
        Assert.Equal(0, _bed.DataRequests(_image.Id));
        File.WriteAllBytes(_bed.BasePath(_image.Id), _image.Data);

        nova.StandardInput.Close();

        FetchOutcome outcome = await fetch;
        Assert.Equal(BaseImageMethod.Foreign, outcome.Image?.Method);
        _bed.AssertWhole(_image.Id, _image.Data);
    }

    [Fact]
    public async Task Nova_waits_while_we_work_on_the_file()
    {
        TaskCompletionSource gate = new();
        _bed.Server.Next("GET", FakeCloud.DataPath(_image.Id), answer => answer with { Gate = gate.Task });
        OperationMonitor monitor = new();
        Task<FetchOutcome> fetch = FetchAsync(monitor);
        await _bed.Server.WaitForAsync(_ => _bed.DataRequests(_image.Id) == 1, Token);
        using Process nova = StartNova();
        Task<string?> locked = nova.StandardOutput.ReadLineAsync(Token).AsTask();
        await WaitUntilItPollsAsync(nova);
        Assert.False(locked.IsCompleted, "nova took the lock that we hold");

        gate.SetResult();

        Assert.Null((await fetch).Error);
        Assert.Equal("LOCKED", await locked);
        Assert.True(File.Exists(_bed.BasePath(_image.Id)), "nova came first");
        nova.StandardInput.Close();
        await nova.WaitForExitAsync(Token);
    }

    [Fact]
    public async Task A_removal_waits_while_nova_works_on_the_file()
    {
        await _bed.FetchAsync(_image.Id);
        ImageCacheEngine engine = _bed.Open();
        RemovalPlan plan = await engine.PlanRemovalAsync(_image.Id, force: false, _bed.Monitor, Token);
        using Process nova = StartNova();
        Assert.Equal("LOCKED", await nova.StandardOutput.ReadLineAsync(Token));
        OperationMonitor monitor = new();
        Task<BaseImage> removal = Task.Run(() => engine.RemoveAsync(plan, monitor, Token), Token);
        await ReachAsync(monitor, WorkStage.Waiting);
        Assert.True(File.Exists(_bed.BasePath(_image.Id)), "it was removed under nova's lock");

        nova.StandardInput.Close();

        await removal;
        Assert.False(File.Exists(_bed.BasePath(_image.Id)), "it is still there");
    }

    // nova has opened the lock file: from then on it asks for the lock again and again.
    private async Task WaitUntilItPollsAsync(Process nova)
    {
        string lockPath = _bed.Layout.LockPath(CacheLayout.BaseName(_image.Id));
        Stopwatch clock = Stopwatch.StartNew();
        while (!Directory.EnumerateFiles($"/proc/{nova.Id}/fd").Any(link => new FileInfo(link).LinkTarget == lockPath))
        {
            Assert.False(nova.HasExited, "nova-lock ended");
            Assert.True(clock.Elapsed < TimeSpan.FromSeconds(60), "nova never came to the lock");
            await Task.Delay(20, Token);
        }
    }

    private static async Task ReachAsync(OperationMonitor monitor, WorkStage stage)
    {
        Stopwatch clock = Stopwatch.StartNew();
        while (!monitor.Sample().Any(item => item.Stage == stage))
        {
            Assert.True(clock.Elapsed < TimeSpan.FromSeconds(60), $"{stage} was never reached");
            await Task.Delay(5, Token);
        }
    }

    private Process StartNova()
    {
        string? script = Repository.Find("tests/lab/nova-lock");
        Assert.SkipUnless(script is not null && Directory.Exists("/usr/lib/python3/dist-packages/nova"), "needs python3-nova (tests/lab/lab up nova)");
        return Process.Start(new ProcessStartInfo(script, ["--instances-path", _bed.Layout.InstancesPath, _image.Id])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        })!;
    }

    private Task<FetchOutcome> FetchAsync(OperationMonitor monitor) => Task.Run(
        async () =>
        {
            await foreach (FetchOutcome outcome in _bed.Open().FetchAsync([new FetchRequest { Image = _image.Id }], 1, monitor, Token))
            {
                return outcome;
            }

            throw new InvalidOperationException("no outcome");
        },
        Token);
}
