using System.Security.Cryptography;
using ImageCache.Engine.Requests;
using ImageCache.Engine.Tests.Ceph;
using Xunit;

namespace ImageCache.Engine.Tests.Lab;

/// <summary>What works while the services of a real cloud are stopped, or hang.</summary>
[Collection(LabTests.Name)]
public sealed class OfflineLabTests : IAsyncDisposable
{
    private readonly LabCloud _lab;
    private readonly EngineBed _bed = new();

    public OfflineLabTests(LabCloud lab)
    {
        _lab = lab;
        _lab.Serve(_bed);

        // Whoever waited for one of them would not come back within the test.
        _bed.Settings["connect_timeout"] = "3";
        _bed.Settings["idle_timeout"] = "3600";
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _bed.DisposeAsync();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_is_here_is_told_handed_out_judged_and_kept(bool hang)
    {
        string id = await _lab.UploadAsync(new LabImage { Data = RandomNumberGenerator.GetBytes(4 << 20) });
        CriticalOutcome registered = Assert.Single(await _bed.Open().RegisterCriticalAsync([new CriticalRequest { Image = id }], 1, _bed.Monitor, Token).ToListAsync(Token));
        Assert.True(registered.Error is null, registered.Error?.Message);
        string name = registered.Image!.Name!;

        // They come back in the other order: Glance and Barbican do not start without Keystone.
        await using LabOutage images = await BeginAsync("glance", hang);
        await using LabOutage keys = await BeginAsync("barbican", hang);
        await using LabOutage identity = await BeginAsync("keystone", hang);
        using CancellationTokenSource patience = CancellationTokenSource.CreateLinkedTokenSource(Token);
        patience.CancelAfter(TimeSpan.FromSeconds(90));
        Assert.True((await _bed.Open().ListAsync(new ListRequest(), _bed.Monitor, patience.Token).SingleAsync(patience.Token)).IsCritical);
        foreach (FetchMethod? method in new FetchMethod?[] { null, FetchMethod.Auto, FetchMethod.Download, FetchMethod.RbdExport, FetchMethod.VolumeLink })
        {
            foreach (string image in new[] { id, name })
            {
                FetchRequest request = new() { Image = image, Method = method };
                FetchOutcome outcome = await _bed.Open().FetchAsync([request], 1, _bed.Monitor, patience.Token).SingleAsync(patience.Token);
                Assert.True(outcome.Image?.Hit == true, $"{method} {image}: {outcome.Error?.Message}");
            }
        }

        SignatureResult signature = await _bed.Open().TestSignatureAsync(new SignatureRequest { Image = id }, _bed.Monitor, patience.Token);
        Assert.Equal(SignatureStatus.Unsigned, signature.Status);
        Assert.Equal(CriticalStatus.Present, Assert.Single(_bed.Open().ListCritical(name)).Status);
        Assert.Empty(_bed.Warnings);

        CriticalOutcome synced = Assert.Single(await _bed.Open().SyncCriticalAsync(new CriticalSyncRequest(), _bed.Monitor, patience.Token).ToListAsync(patience.Token));
        Assert.Null(synced.Error);
        Assert.Equal(CriticalStatus.Present, synced.Image!.Status);
        Assert.Null(synced.Image.IsFresh);
        Assert.Single(_bed.Warnings);
    }

    private static Task<LabOutage> BeginAsync(string service, bool hang) => hang ? LabOutage.PauseAsync(service) : LabOutage.StopAsync(service);
}
