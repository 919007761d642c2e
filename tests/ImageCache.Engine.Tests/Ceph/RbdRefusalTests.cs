using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using ImageCache.Engine.Tests.Faults;
using ImageCache.Engine.Tests.Lab;
using Xunit;

namespace ImageCache.Engine.Tests.Ceph;

/// <summary>What is wrong with the node, the cluster or the location, told plainly and in time; and what Auto makes of it.</summary>
[Collection(LabTests.Name)]
public sealed class RbdRefusalTests(LabCloud lab) : IAsyncDisposable
{
    private readonly RbdBed _bed = new(lab);

    public ValueTask DisposeAsync() => _bed.DisposeAsync();

    [Fact]
    public async Task Another_cluster_is_refused_by_name()
    {
        string other = Guid.NewGuid().ToString();
        FakeImage image = await AddAsync(name => _bed.Ceph.Location(name, other));
        PolicyException error = await _bed.FailsAsync<PolicyException>(image);
        Assert.Equal(ErrorIds.OtherCluster, error.ErrorId);
        Assert.Contains(other, error.Message, StringComparison.Ordinal);
        Assert.Contains(_bed.Ceph.Fsid, error.Message, StringComparison.Ordinal);
        await _bed.FallsBackAsync(image, other);
    }

    [Theory]
    [InlineData("pool")]
    [InlineData("image")]
    [InlineData("snapshot")]
    public async Task What_is_not_in_Ceph_is_not_found(string missing)
    {
        _bed.Node.Settings["rbd_pools"] = "*";
        FakeImage image = await AddAsync(name => _bed.Ceph.Location(
            missing == "image" ? "not-here" : name, pool: missing == "pool" ? "no-such-pool" : LabCeph.Pool, snapshot: missing == "snapshot" ? "gone" : LabCeph.Snapshot));
        NotFoundException error = await _bed.FailsAsync<NotFoundException>(image);
        Assert.Equal(ErrorIds.ImageDataNotFound, error.ErrorId);
        Assert.Contains(missing, error.Message, StringComparison.Ordinal);
        await _bed.FallsBackAsync(image, missing);
    }

    [Theory]
    [InlineData("rbd://short-form", "short form")]
    [InlineData("rbd://f/vms/disk/snap", "rbd_pools")]
    [InlineData("file:///var/lib/glance/images/x", "no rbd:// location")]
    public async Task A_location_that_cannot_be_used_is_told(string url, string reason)
    {
        FakeImage image = await AddAsync(_ => url);
        UnavailableException error = await _bed.FailsAsync<UnavailableException>(image);
        Assert.Equal(ErrorIds.MethodUnavailable, error.ErrorId);
        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
        Assert.Equal(BaseImageMethod.Download, (await _bed.Node.FetchAsync(image.Id)).Method);
    }

    [Fact]
    public async Task Where_it_is_not_allowed_it_is_not_done()
    {
        _bed.Node.Settings["rbd_export"] = "false";
        UnavailableException error = await _bed.FailsAsync<UnavailableException>(await AddAsync());
        Assert.Equal(ErrorIds.MethodUnavailable, error.ErrorId);
        Assert.Contains("rbd_export", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_user_without_a_keyring_is_told_before_anybody_is_asked()
    {
        _bed.Node.Settings["rbd_user"] = "nobody-knows-me";
        UnavailableException error = await _bed.FailsAsync<UnavailableException>(await AddAsync());
        Assert.Equal(ErrorIds.MethodUnavailable, error.ErrorId);
        Assert.Contains("client.nobody-knows-me", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("nobody-knows-me")]
    [InlineData("compute")]
    public async Task An_unknown_user_or_a_wrong_key_is_refused_in_time(string user)
    {
        FakeImage image = await AddAsync();
        await _bed.UseWrongKeyAsync(user);
        Stopwatch clock = Stopwatch.StartNew();
        UnavailableException error = await _bed.FailsAsync<UnavailableException>(image);
        Assert.Contains($"client.{user}", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("AQBz", error.ToString(), StringComparison.Ordinal);
        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(25), $"it took {clock.Elapsed}");
        await _bed.FallsBackAsync(image, user);
    }

    [Theory]
    [InlineData(true, true)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    public async Task A_monitor_that_cannot_be_reached_is_waited_for_only_so_long(bool listens, bool library)
    {
        using TcpListener silent = new(IPAddress.Loopback, 0);
        silent.Start();
        string address = $"mon_host = [v2:{silent.LocalEndpoint}]";
        if (!listens)
        {
            silent.Stop();
        }

        FakeImage image = await AddAsync();
        await _bed.UseConfigurationAsync(address);
        _bed.Node.HasRbdLibrary = library;
        _bed.Node.Settings["rbd_connect_timeout"] = "1";
        UnavailableException error = await _bed.FailsAsync<UnavailableException>(image);
        Assert.Equal((ErrorIds.ServiceUnavailable, FailureCategory.OperationTimeout), (error.ErrorId, error.Category));
        await _bed.FallsBackAsync(image, "does not answer within 1 s");
    }

    [Fact]
    public async Task A_ceph_conf_that_is_not_there_is_told()
    {
        FakeImage image = await AddAsync();
        _bed.Node.Settings["rbd_ceph_conf"] = "/no/such/ceph.conf";
        UnavailableException error = await _bed.FailsAsync<UnavailableException>(image);
        Assert.Contains("/no/such/ceph.conf", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_image_without_bytes_is_told_as_Glance_tells_it()
    {
        FakeImage image = await _bed.AddAsync([]);
        Assert.Equal(ErrorIds.ImageDataNotFound, (await _bed.FailsAsync<NotFoundException>(image)).ErrorId);
        Assert.Equal(ErrorIds.ImageDataNotFound, (await _bed.Node.TryFetchAsync(image.Id)).Error?.ErrorId);
    }

    [Fact]
    public async Task A_size_other_than_the_records_is_refused_before_a_byte_moves()
    {
        FakeImage image = await AddAsync(change: static image => image with { Size = image.Data.Length + 1 });
        VerificationException error = await _bed.FailsAsync<VerificationException>(image, FetchMethod.Auto);
        Assert.Equal(ErrorIds.SizeMismatch, error.ErrorId);
    }

    private async Task<FakeImage> AddAsync(Func<string, string>? location = null, Func<FakeImage, FakeImage>? change = null)
    {
        byte[] data = TestData.Noise(100_000);
        string name = await _bed.Ceph.ImportAsync(data);
        return _bed.Add(name, data, image => (change?.Invoke(image) ?? image) with { Extra = new() { ["direct_url"] = location?.Invoke(name) ?? _bed.Ceph.Location(name) } });
    }
}
