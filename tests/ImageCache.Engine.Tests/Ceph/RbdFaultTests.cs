using System.Diagnostics;
using ImageCache.Engine.Requests;
using ImageCache.Engine.Store;
using ImageCache.Engine.Tests.Faults;
using ImageCache.Engine.Tests.Lab;
using Xunit;

namespace ImageCache.Engine.Tests.Ceph;

/// <summary>Transfers from Ceph that are broken, cancelled, killed or wanted by several.</summary>
[Collection(LabTests.Name)]
public sealed class RbdFaultTests(LabCloud lab) : IAsyncDisposable
{
    private const int MiB = 1 << 20;
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(120);

    private readonly RbdBed _bed = new(lab);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _bed.DisposeAsync();

    [Fact]
    public async Task An_OSD_stopped_and_started_in_the_middle_is_survived()
    {
        FakeImage image = await _bed.AddAsync(TestData.Noise(96 * MiB));
        Task<BaseImage> fetch = await StartSlowlyAsync(image, FetchMethod.RbdExport, Token);
        await LabCeph.LabAsync("stop", "ceph-osd");
        await LabCeph.LabAsync("start", "ceph-osd");
        BaseImage fetched = await fetch.WaitAsync(s_patience, Token);
        Assert.Equal(BaseImageMethod.RbdExport, fetched.Method);
        _bed.Node.AssertWhole(image.Id, image.Data);
    }

    [Fact]
    public async Task An_OSD_that_stays_away_is_given_up_and_can_be_left()
    {
        _bed.Node.Settings["idle_timeout"] = "1";
        _bed.Node.Settings["retries"] = "1";
        FakeImage image = await _bed.AddAsync(TestData.Noise(96 * MiB));
        Task<BaseImage> fetch = await StartSlowlyAsync(image, FetchMethod.Auto, Token);
        await LabCeph.LabAsync("stop", "ceph-osd");
        try
        {
            Assert.Equal(BaseImageMethod.Download, (await fetch.WaitAsync(s_patience, Token)).Method);
            Assert.Contains(_bed.Node.Warnings, static warning => warning.Contains("RbdExport did not bring", StringComparison.Ordinal));
        }
        finally
        {
            await LabCeph.LabAsync("start", "ceph-osd");
        }

        _bed.Node.AssertWhole(image.Id, image.Data);
    }

    [Fact]
    public async Task A_snapshot_removed_in_the_middle_is_found_out()
    {
        string name = await _bed.Ceph.ImportAsync(TestData.Noise(64 * MiB));
        FakeImage image = _bed.Add(name, TestData.Noise(64 * MiB), static image => image with { HasDigests = false });
        Task<BaseImage> fetch = await StartSlowlyAsync(image, FetchMethod.RbdExport, Token);
        await _bed.Ceph.RemoveSnapAsync(name);
        await Assert.ThrowsAnyAsync<Exception>(() => fetch.WaitAsync(s_patience, Token));
        _bed.Node.AssertNothingLeft(image.Id, ErrorIds.ImageDataNotFound);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Cancelling_leaves_at_once_and_leaves_nothing(bool silent)
    {
        FakeImage image = await _bed.AddAsync(TestData.Noise(96 * MiB));
        using CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
        Task<BaseImage> fetch = await StartSlowlyAsync(image, FetchMethod.RbdExport, stop.Token);
        if (silent)
        {
            await LabCeph.LabAsync("pause", "ceph-osd");
        }

        try
        {
            Stopwatch clock = Stopwatch.StartNew();
            await stop.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => fetch.WaitAsync(s_patience, Token));
            Assert.True(clock.Elapsed < TimeSpan.FromSeconds(5), $"it took {clock.Elapsed}");
            Assert.Empty(_bed.Node.Leftovers());
            Assert.False(File.Exists(_bed.Node.BasePath(image.Id)));
        }
        finally
        {
            if (silent)
            {
                await LabCeph.LabAsync("resume", "ceph-osd");
            }
        }
    }

    [Theory]
    [InlineData(WorkStage.Transferring, 0)]
    [InlineData(WorkStage.Transferring, 20 * MiB)]
    [InlineData(WorkStage.Verifying, 0)]
    [InlineData(WorkStage.Publishing, 0)]
    public async Task A_fetch_killed_in_a_stage_leaves_all_or_nothing(WorkStage stage, int done)
    {
        FakeImage image = await _bed.AddAsync(TestData.Noise(48 * MiB));
        _bed.Node.Settings["method"] = "rbd-export";
        using (ProbeProcess probe = ProbeProcess.Start(_bed.Node, $"--image={image.Id}", $"--kill-at={stage}", $"--kill-after={done}"))
        {
            await probe.WaitForEndAsync();
            Assert.True(probe.WasKilled, $"it ended with {probe.ExitCode}");
        }

        if (File.Exists(_bed.Node.BasePath(image.Id)))
        {
            byte[] there = await File.ReadAllBytesAsync(_bed.Node.BasePath(image.Id), Token);
            Assert.True(image.Data.AsSpan().SequenceEqual(there), "the base file is not whole");
        }

        await _bed.Node.FetchAsync(image.Id);
        _bed.Node.AssertWhole(image.Id, image.Data);
        Assert.Equal(0, _bed.Node.DataRequests(image.Id));
    }

    [Fact]
    public async Task Four_processes_move_the_bytes_once()
    {
        FakeImage image = await _bed.AddAsync(TestData.Noise(16 * MiB));
        _bed.Node.Settings["method"] = "rbd-export";
        List<ProbeProcess> probes = [.. Enumerable.Range(0, 4).Select(_ => ProbeProcess.Start(_bed.Node, $"--image={image.Id}", "--wait"))];
        try
        {
            foreach (ProbeProcess probe in probes)
            {
                await probe.WaitForAsync("READY");
            }

            await Task.WhenAll(probes.Select(static probe => probe.GoAsync()));
            string[] told = await Task.WhenAll(probes.Select(static probe => probe.WaitForEndAsync()));
            Assert.Single(told, static output => output.Contains("FETCHED", StringComparison.Ordinal));
            Assert.Equal(3, told.Count(static output => output.Contains("HIT", StringComparison.Ordinal)));
        }
        finally
        {
            probes.ForEach(static probe => probe.Dispose());
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_process_that_is_interrupted_ends_as_told(bool silent)
    {
        FakeImage image = await _bed.AddAsync(TestData.Noise(64 * MiB));
        _bed.Node.Settings["method"] = "rbd-export";
        _bed.Node.Settings["rate_limit"] = "4MiB";
        using ProbeProcess probe = ProbeProcess.Start(_bed.Node, $"--image={image.Id}");
        await probe.WaitForAsync("STAGE Transferring");
        if (silent)
        {
            await LabCeph.LabAsync("pause", "ceph-osd");
        }

        try
        {
            await probe.InterruptAsync();
            Assert.Contains("CANCELLED", await probe.WaitForEndAsync(), StringComparison.Ordinal);
        }
        finally
        {
            if (silent)
            {
                await LabCeph.LabAsync("resume", "ceph-osd");
            }
        }

        Assert.Equal(130, probe.ExitCode);
        Assert.Empty(_bed.Node.Leftovers());
        Assert.Equal(RecordState.Missing, _bed.Node.RecordOf(image.Id).State);
    }

    // By the real clock and slowly; says when a part has come.
    private async Task<Task<BaseImage>> StartSlowlyAsync(FakeImage image, FetchMethod method, CancellationToken stop)
    {
        _bed.Node.Settings["rate_limit"] = "16MiB";
        ImageCacheEngine engine = _bed.Node.Open(TimeProvider.System);
        OperationMonitor monitor = _bed.Node.Monitor;
        Task<BaseImage> fetch = Task.Run(
            async () =>
            {
                FetchRequest request = new() { Image = image.Id, Method = method };
                await foreach (FetchOutcome outcome in engine.FetchAsync([request], 1, monitor, stop))
                {
                    return outcome.Image ?? throw outcome.Error!;
                }

                throw new InvalidOperationException("there was no outcome");
            },
            Token);
        Stopwatch clock = Stopwatch.StartNew();
        while (!fetch.IsCompleted && !monitor.Sample().Any(static item => item.Stage == WorkStage.Transferring && item.Done > MiB))
        {
            Assert.True(clock.Elapsed < s_patience, "the transfer never began");
            await Task.Delay(1, Token);
        }

        return fetch;
    }
}
