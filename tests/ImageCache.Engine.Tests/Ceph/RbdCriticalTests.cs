using ImageCache.Engine.Requests;
using ImageCache.Engine.Tests.Faults;
using ImageCache.Engine.Tests.Lab;
using Xunit;

namespace ImageCache.Engine.Tests.Ceph;

/// <summary>Critical images whose data lie in Ceph, with Glance down.</summary>
[Collection(LabTests.Name)]
public sealed class RbdCriticalTests(LabCloud lab) : IAsyncDisposable
{
    private readonly RbdBed _bed = new(lab);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _bed.DisposeAsync();

    [Fact]
    public async Task What_is_missing_comes_from_Ceph_by_what_the_list_knows()
    {
        FakeImage image = await _bed.AddAsync(TestData.Noise(8 << 20));
        CriticalRequest request = new() { Image = image.Id, Fetch = false };
        Assert.Null(Assert.Single(await _bed.Node.Open().RegisterCriticalAsync([request], 1, _bed.Node.Monitor, Token).ToListAsync(Token)).Error);

        _bed.Node.Server.Always("POST", FakeCloud.TokensPath, static _ => FaultAnswer.Of(503));
        CriticalOutcome outcome = Assert.Single(await _bed.Node.Open().SyncCriticalAsync(new CriticalSyncRequest(), _bed.Node.Monitor, Token).ToListAsync(Token));
        Assert.True(outcome.Error is null, outcome.Error?.Message);
        Assert.Equal(CriticalStatus.Present, outcome.Image!.Status);
        Assert.Null(outcome.Image.IsFresh);
        Assert.Equal(BaseImageMethod.RbdExport, _bed.Node.RecordOf(image.Id).Record!.Method);
        _bed.Node.AssertWhole(image.Id, image.Data);
    }
}
