using ImageCache.Engine.Tests.Faults;
using ImageCache.Engine.Tests.Lab;
using Xunit;

namespace ImageCache.Engine.Tests.Ceph;

/// <summary>What cannot be opened in Ceph leaves no handle and no thread of its libraries behind.</summary>
[Collection(LabTests.Name)]
public sealed class RbdHandleTests(LabCloud lab) : IAsyncDisposable
{
    private readonly RbdBed _bed = new(lab);

    public ValueTask DisposeAsync() => _bed.DisposeAsync();

    [Fact]
    public async Task Images_that_are_not_there_keep_no_handle()
    {
        _bed.Node.Settings["method"] = "rbd-export";
        _bed.Node.Settings["rbd_pools"] = "*";
        string name = await _bed.Ceph.ImportAsync([1, 2, 3]);
        await FetchRoundsProbe.AssertNothingGrowsAsync(
            _bed.Node,
            rounds: 6,
            (At(_bed.Ceph.Location(name, snapshot: "gone")), ErrorIds.ImageDataNotFound),
            (At(_bed.Ceph.Location("not-here")), ErrorIds.ImageDataNotFound),
            (At(_bed.Ceph.Location(name, pool: "no-such-pool")), ErrorIds.ImageDataNotFound),
            (At(_bed.Ceph.Location(name, Guid.NewGuid().ToString())), ErrorIds.OtherCluster),
            (At(_bed.Ceph.Location(name)), ErrorIds.SizeMismatch));
    }

    [Fact]
    public async Task A_cluster_that_lets_us_not_in_keeps_no_handle()
    {
        _bed.Node.Settings["method"] = "rbd-export";
        string name = await _bed.Ceph.ImportAsync([1, 2, 3]);
        await _bed.UseWrongKeyAsync();
        await FetchRoundsProbe.AssertNothingGrowsAsync(_bed.Node, rounds: 6, (At(_bed.Ceph.Location(name)), ErrorIds.AccessDenied));
    }

    private string At(string location) => _bed.Node.Cloud.Add(new FakeImage { Data = [1, 2, 3, 4], Extra = new() { ["direct_url"] = location } }).Id;
}
