using System.Security.Cryptography;
using ImageCache.Engine.Configuration;
using ImageCache.Engine.OpenStack.Http;
using ImageCache.Engine.Tests.Faults;
using ImageCache.Engine.Transfer;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace ImageCache.Engine.Tests.Transfer;

public sealed class ParallelRangeTests : IAsyncDisposable
{
    private const string Path = "/data";
    private const int Length = (20 << 20) + 12345;

    private readonly byte[] _data = RandomNumberGenerator.GetBytes(Length);
    private readonly FaultServer _server = FaultServer.Start();
    private readonly ServiceHttp _http = new(
        new ServiceHttpOptions { IdleTimeout = TimeSpan.FromSeconds(10) }, null, NullLoggerFactory.Instance);

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _server.DisposeAsync();
    }

    [Fact]
    public async Task Several_connections_bring_the_bytes_in_order()
    {
        Serve(FaultRanges.Honour);
        await using HttpByteSource source = Source(connections: 4);
        Assert.Equal(_data, await ReadAsync(source, 0));
        Assert.True(_server.Requests.Count(static request => request.Headers.ContainsKey("Range")) >= 5);
    }

    [Fact]
    public async Task They_begin_in_the_middle_too()
    {
        Serve(FaultRanges.Honour);
        await using HttpByteSource source = Source(connections: 3);
        Assert.Equal(_data[1_000_000..], await ReadAsync(source, 1_000_000));
    }

    [Theory]
    [InlineData(FaultRanges.Refuse)]
    [InlineData(FaultRanges.Ignore)]
    public async Task A_server_without_ranges_is_asked_once_and_then_for_everything(FaultRanges ranges)
    {
        Serve(ranges);
        await using HttpByteSource source = Source(connections: 4);
        Assert.Equal(_data, await ReadAsync(source, 0));
        Assert.Equal(2, _server.CountOf("GET", Path));
    }

    [Fact]
    public async Task A_part_that_breaks_off_is_an_interruption_that_can_be_resumed()
    {
        Serve(FaultRanges.Honour);
        _server.Next("GET", Path, static probe => probe, static part => part with { CutAfter = 1000 });
        await using HttpByteSource source = Source(connections: 2);
        await Assert.ThrowsAsync<TransferInterruptedException>(() => ReadAsync(source, 0));
        Assert.Equal(_data, await ReadAsync(source, 0));
    }

    [Fact]
    public async Task One_slow_connection_is_joined_by_others_without_losing_a_byte()
    {
        Serve(FaultRanges.Honour);
        _server.Next("GET", Path, static slow => slow with { DripSize = 64 << 10, DripPause = TimeSpan.FromMilliseconds(25) });
        await using HttpByteSource source = Source(connections: null);
        using WorkProgress progress = new OperationMonitor().Begin("x");
        using DigestStage digests = new([Engine.Trust.DigestAlgorithm.Sha256]);
        await using TransferPipeline pipeline = new([[digests]], null, progress);
        int opened = 0;
        while (pipeline.Offset < Length)
        {
            opened++;
            await using IByteReader reader = await source.OpenAsync(pipeline.Offset, TestContext.Current.CancellationToken);
            Assert.Equal(pipeline.Offset, reader.Start);
            try
            {
                await pipeline.PumpAsync(reader, Length, static _ => new InvalidDataException(), TestContext.Current.CancellationToken);
            }
            catch (MoreConnectionsException)
            {
                // The source asks to be opened again.
            }
        }

        await pipeline.CompleteAsync();
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(_data)), digests.Digests[0].Hex);
        Assert.Equal(2, opened);
    }

    private void Serve(FaultRanges ranges) => _server.On("GET", Path, FaultAnswer.Bytes(_data) with { Ranges = ranges });

    private HttpByteSource Source(int? connections) => new(
        "x",
        Length,
        new ImageCacheConfiguration { CachePath = "/nowhere", ParallelRanges = connections, IdleTimeout = TimeSpan.FromSeconds(10) },
        (offset, length, cancellationToken) =>
        {
            HttpRequestMessage request = new(HttpMethod.Get, new Uri(_server.Address, Path));
            if (offset > 0 || length is not null)
            {
                request.Headers.Range = new(offset, offset + length - 1);
            }

            return _http.OpenAsync(request, new ServiceCall("the server", "read"), cancellationToken);
        });

    private static async Task<byte[]> ReadAsync(HttpByteSource source, long offset)
    {
        await using IByteReader reader = await source.OpenAsync(offset, TestContext.Current.CancellationToken);
        using MemoryStream all = new();
        byte[] buffer = new byte[300_000];
        while (await reader.ReadAsync(buffer, TestContext.Current.CancellationToken) is { Count: > 0 } run)
        {
            all.Write(buffer, 0, run.Count);
        }

        return all.ToArray();
    }
}
