using System.Diagnostics;
using ImageCache.Engine.Requests;
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
