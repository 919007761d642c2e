using System.Net;
using System.Net.Http.Headers;
using Xunit;

namespace ImageCache.Engine.Tests.Faults;

/// <summary>The faults that other tests lean on are the faults that a client sees.</summary>
public sealed class FaultServerTests
{
    private static readonly byte[] Data = [.. Enumerable.Range(0, 200_000).Select(static index => (byte)(index * 31))];

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task SendsABodyWhole(bool chunked)
    {
        await using FaultServer server = FaultServer.Start();
        server.On("GET", "/data", FaultAnswer.Bytes(Data) with { Chunked = chunked });
        using HttpClient client = new();
        Assert.Equal(Data, await client.GetByteArrayAsync(new Uri(server.Address, "data?x=1"), TestContext.Current.CancellationToken));
        Assert.Equal("1", Assert.Single(server.Requests).QueryValue("x"));
        Assert.Equal(Data.Length, server.BodyBytesSent);
    }

    [Theory]
    [InlineData(FaultCut.Fin)]
    [InlineData(FaultCut.Reset)]
    public async Task CutsABodyWhereItIsTold(FaultCut cut)
    {
        await using FaultServer server = FaultServer.Start();
        server.On("GET", "/data", FaultAnswer.Bytes(Data)).Next("GET", "/data", answer => answer with { CutAfter = 70_000, Cut = cut });
        using HttpClient client = new();
        await Assert.ThrowsAnyAsync<HttpRequestException>(
            () => client.GetByteArrayAsync(new Uri(server.Address, "data"), TestContext.Current.CancellationToken));
        Assert.Equal(70_000, server.BodyBytesSent);
        Assert.Equal(Data, await client.GetByteArrayAsync(new Uri(server.Address, "data"), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task HonoursIgnoresAndRefusesRanges()
    {
        await using FaultServer server = FaultServer.Start();
        FaultAnswer answer = FaultAnswer.Bytes(Data);
        server.On("GET", "/data", answer with { Ranges = FaultRanges.Honour, WrongBytes = [150_000] }, answer, answer with { Ranges = FaultRanges.Refuse });
        using HttpClient client = new();
        async Task<HttpResponseMessage> Get()
        {
            using HttpRequestMessage request = new(HttpMethod.Get, new Uri(server.Address, "data"));
            request.Headers.Range = new RangeHeaderValue(149_999, 150_001);
            return await client.SendAsync(request, TestContext.Current.CancellationToken);
        }

        using HttpResponseMessage part = await Get();
        Assert.Equal(HttpStatusCode.PartialContent, part.StatusCode);
        Assert.Equal("bytes 149999-150001/200000", part.Content.Headers.ContentRange!.ToString());
        byte[] bytes = await part.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken);
        Assert.Equal([Data[149_999], (byte)(Data[150_000] ^ 0xFF), Data[150_001]], bytes);
        using HttpResponseMessage whole = await Get();
        Assert.Equal((HttpStatusCode.OK, Data.Length), (whole.StatusCode, (int)whole.Content.Headers.ContentLength!));
        using HttpResponseMessage refused = await Get();
        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
    }

    [Fact]
    public async Task StallsUntilTheClientLeaves()
    {
        await using FaultServer server = FaultServer.Start();
        server.On("GET", "/data", FaultAnswer.Bytes(Data) with { StallAfter = 10 });
        using HttpClient client = new();
        using HttpResponseMessage response = await client.GetAsync(
            new Uri(server.Address, "data"), HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
        await using Stream body = await response.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken);
        byte[] buffer = new byte[100];
        Assert.Equal(10, await body.ReadAtLeastAsync(buffer.AsMemory(0, 10), 10, cancellationToken: TestContext.Current.CancellationToken));
        Task<int> silent = body.ReadAsync(buffer, TestContext.Current.CancellationToken).AsTask();
        Assert.NotSame(silent, await Task.WhenAny(silent, Task.Delay(50, TestContext.Current.CancellationToken)));
    }

    [Fact]
    public async Task LiesAboutTheLength()
    {
        await using FaultServer server = FaultServer.Start();
        server.On("GET", "/data", FaultAnswer.Bytes(Data) with { DeclaredLength = Data.Length + 1 }, FaultAnswer.Bytes(Data) with { DeclaredLength = 5 });
        using HttpClient client = new();
        await Assert.ThrowsAnyAsync<HttpRequestException>(
            () => client.GetByteArrayAsync(new Uri(server.Address, "data"), TestContext.Current.CancellationToken));
        Assert.Equal(5, (await client.GetByteArrayAsync(new Uri(server.Address, "data"), TestContext.Current.CancellationToken)).Length);
    }
}
