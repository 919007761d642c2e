using ImageCache.Engine.Ceph;
using ImageCache.Engine.Configuration;
using ImageCache.Engine.Handlers;
using ImageCache.Engine.Tests.Lab;
using ImageCache.Engine.Transfer;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace ImageCache.Engine.Tests.Ceph;

/// <summary>Where there is no librbd, the rbd command does its work.</summary>
[Collection(LabTests.Name)]
public sealed class RbdCommandTests(LabCloud lab) : IAsyncDisposable
{
    private readonly LabCeph _ceph = new(lab);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _ceph.DisposeAsync();

    [Fact]
    public async Task The_command_gives_the_same_bytes()
    {
        byte[] data = new byte[(13 << 20) + 77];
        TestData.Noise(5 << 20).CopyTo(data, 4 << 20);
        string name = await _ceph.ImportAsync(data);
        RbdExportHandler handler = Handler();
        ImageDescriptor image = Image(_ceph.Location(name), data.Length);
        Assert.Null(handler.WhyNot(image));
        await using IByteSource source = await handler.FetchAsync(image, Token);
        Assert.IsType<RbdCommandByteSource>(source);
        for (int i = 0; i < 2; i++)
        {
            Assert.Equal(data, await ReadAsync(source));
        }
    }

    [Fact]
    public async Task A_reader_that_is_left_ends_the_command()
    {
        byte[] data = TestData.Noise(40 << 20);
        string name = await _ceph.ImportAsync(data);
        await using IByteSource source = await Handler().FetchAsync(Image(_ceph.Location(name), data.Length), Token);
        IByteReader reader = await source.OpenAsync(0, Token);
        Assert.False((await reader.ReadAsync(new byte[1000], Token)).IsEnd);
        await reader.DisposeAsync();
    }

    [Fact]
    public async Task The_cluster_and_the_snapshot_are_checked_as_ever()
    {
        string name = await _ceph.ImportAsync([1, 2, 3]);
        PolicyException other = await Assert.ThrowsAsync<PolicyException>(
            () => Handler().FetchAsync(Image(_ceph.Location(name, Guid.NewGuid().ToString()), 3), Token));
        Assert.Equal(ErrorIds.OtherCluster, other.ErrorId);
        NotFoundException missing = await Assert.ThrowsAsync<NotFoundException>(
            () => Handler().FetchAsync(Image(_ceph.Location(name, snapshot: "gone"), 3), Token));
        Assert.Equal(ErrorIds.ImageDataNotFound, missing.ErrorId);
        await Assert.ThrowsAsync<VerificationException>(() => Handler().FetchAsync(Image(_ceph.Location(name), 4), Token));
        await Assert.ThrowsAsync<UnavailableException>(() => Handler("nobody-knows-me").FetchAsync(Image(_ceph.Location(name), 3), Token));
    }

    private static async Task<byte[]> ReadAsync(IByteSource source)
    {
        await using IByteReader reader = await source.OpenAsync(0, Token);
        using MemoryStream all = new();
        byte[] buffer = new byte[100_000];
        while (await reader.ReadAsync(buffer, Token) is { IsEnd: false } run)
        {
            all.Write(buffer, 0, run.Count);
        }

        return all.ToArray();
    }

    private static ImageDescriptor Image(string location, long size) => new() { Id = "an-image", Size = size, Locations = [location] };

    private RbdExportHandler Handler(string user = "compute")
    {
        ImageCacheConfiguration configuration = new() { CachePath = "/x", RbdUser = user, RbdCephConf = _ceph.ConfigurationPath, RbdConnectTimeout = TimeSpan.FromSeconds(20) };
        return new RbdExportHandler(new CephConnector(new CephNode(configuration, new Dictionary<string, string>()) { HasLibrary = static () => false }), NullLogger.Instance);
    }
}
