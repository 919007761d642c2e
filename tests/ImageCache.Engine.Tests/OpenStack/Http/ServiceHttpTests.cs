using System.Net;
using System.Net.Sockets;
using ImageCache.Engine.OpenStack;
using ImageCache.Engine.OpenStack.Http;
using ImageCache.Engine.Tests.Faults;
using Xunit;

namespace ImageCache.Engine.Tests.OpenStack.Http;

public sealed class ServiceHttpTests : IAsyncDisposable
{
    private static readonly ServiceCall Call = new("the image service", "read the record of image 'x'", "x", ErrorIds.ImageNotFound);

    private readonly FaultServer _server = FaultServer.Start();
    private readonly InstantTime _time = new();
    private readonly LogLines _log = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Theory]
    [InlineData(408)]
    [InlineData(429)]
    [InlineData(500)]
    [InlineData(502)]
    [InlineData(503)]
    [InlineData(504)]
    public async Task RepeatsWhatABusyServerAnswers(int status)
    {
        _server.On("GET", "/x", FaultAnswer.Of(status), FaultAnswer.Of(status), FaultAnswer.Text("well"));
        using ServiceHttp http = Open();
        Assert.Equal("well", await GetTextAsync(http, "x"));
        Assert.Equal(2, _time.Waits.Count);
    }

    [Theory]
    [InlineData(400)]
    [InlineData(401)]
    [InlineData(403)]
    [InlineData(404)]
    [InlineData(409)]
    [InlineData(501)]
    public async Task RepeatsNoOtherAnswer(int status)
    {
        _server.On("GET", "/x", FaultAnswer.Of(status));
        using ServiceHttp http = Open();
        using HttpRequestMessage request = Get("x");
        using HttpResponseMessage answer = await http.SendAsync(request, Call, Token);
        Assert.Equal((status, 1), ((int)answer.StatusCode, _server.Requests.Count));
    }

    [Fact]
    public async Task RepeatsBrokenConnectionsBodiesAndSilence()
    {
        FaultAnswer whole = FaultAnswer.Text("the whole body");
        _server.On(
            "GET",
            "/x",
            whole with { CutBeforeHeaders = true },
            whole with { CutAfter = 3, Cut = FaultCut.Reset },
            whole with { StallAfter = 3 },
            whole with { StallBeforeHeaders = true },
            whole);
        using ServiceHttp http = Open(new ServiceHttpOptions { Retries = 4, IdleTimeout = TimeSpan.FromSeconds(1) });
        Assert.Equal("the whole body", await GetTextAsync(http, "x"));
        Assert.Equal(5, _server.Requests.Count);
    }

    [Fact]
    public async Task AHopelessOneEndsAfterItsAttemptsWithAClearError()
    {
        _server.On("GET", "/x", FaultAnswer.Text("<html><head><title>503</title></head><body><h1>503 Service\nUnavailable</h1></body></html>", 503, "text/html")
            .WithHeader("x-openstack-request-id", "req-1234"));
        using ServiceHttp http = Open();
        using HttpRequestMessage request = Get("x?signature=planted");
        using HttpResponseMessage answer = await http.SendAsync(request, Call, Token);
        ImageCacheException error = ServiceFailure.From(answer, await answer.Content.ReadAsByteArrayAsync(Token), Call, http.Redactor, null);
        Assert.IsType<UnavailableException>(error);
        Assert.Equal((ErrorIds.ServiceUnavailable, "x"), (error.ErrorId, error.ImageId));
        Assert.Equal(
            $"Could not read the record of image 'x': the image service at http://127.0.0.1:{_server.Port} answered 503 (503 Service Unavailable), 4 times [req-1234].",
            error.Message);
        Assert.NotNull(error.NextStep);
    }

    [Fact]
    public async Task NoListenerIsUnavailable()
    {
        using TcpListener closed = new(IPAddress.Loopback, 0);
        closed.Start();
        int port = ((IPEndPoint)closed.LocalEndpoint).Port;
        closed.Stop();
        using ServiceHttp http = Open();
        using HttpRequestMessage request = new(HttpMethod.Get, new Uri($"http://127.0.0.1:{port}/x?signature=planted"));
        UnavailableException error = await Assert.ThrowsAsync<UnavailableException>(() => http.SendAsync(request, Call, Token));
        Assert.Equal((ErrorIds.ServiceUnavailable, FailureCategory.ConnectionError), (error.ErrorId, error.Category));
        Assert.Contains($"127.0.0.1:{port}", error.Message, StringComparison.Ordinal);
        Assert.Contains("4 times", error.Message, StringComparison.Ordinal);
        Assert.True(TransientFailure.Is(error));
        Assert.DoesNotContain("planted", error.ToString() + _log.All, StringComparison.Ordinal);
    }

    [Fact]
    public async Task SilenceIsATimeout()
    {
        _server.On("GET", "/x", FaultAnswer.Of(200) with { StallBeforeHeaders = true });
        using ServiceHttp http = Open(new ServiceHttpOptions { Retries = 1, IdleTimeout = TimeSpan.FromMilliseconds(200) });
        using HttpRequestMessage request = Get("x");
        UnavailableException error = await Assert.ThrowsAsync<UnavailableException>(() => http.SendAsync(request, Call, Token));
        Assert.Equal((ErrorIds.ServiceUnavailable, FailureCategory.OperationTimeout), (error.ErrorId, error.Category));
        Assert.Equal(2, _server.Requests.Count);
    }

    [Fact]
    public async Task ADripIsCutOffByTheTotalTime()
    {
        _server.On("GET", "/x", FaultAnswer.Bytes(new byte[100_000]) with { DripSize = 1 });
        using ServiceHttp http = Open(new ServiceHttpOptions { Retries = 0, TotalTimeout = TimeSpan.FromMilliseconds(400) });
        using HttpRequestMessage request = Get("x");
        UnavailableException error = await Assert.ThrowsAsync<UnavailableException>(() => http.SendAsync(request, Call, Token));
        Assert.Equal(FailureCategory.OperationTimeout, error.Category);
    }

    [Fact]
    public async Task TheServersWaitIsKept()
    {
        _server.On("GET", "/x", FaultAnswer.Of(429, ("Retry-After", "7")), FaultAnswer.Text("well"));
        using ServiceHttp http = Open();
        Assert.Equal("well", await GetTextAsync(http, "x"));
        Assert.InRange(Assert.Single(_time.Waits).TotalSeconds, 7, 7.5);
    }

    [Fact]
    public async Task AnAbsurdWaitEndsItAtOnce()
    {
        _server.On("GET", "/x", FaultAnswer.Of(503, ("Retry-After", "86400")));
        using ServiceHttp http = Open();
        using HttpRequestMessage request = Get("x");
        using HttpResponseMessage answer = await http.SendAsync(request, Call, Token);
        Assert.Single(_server.Requests);
        ImageCacheException error = ServiceFailure.From(answer, default, Call, http.Redactor, http.Schedule.RetryAfter(answer));
        Assert.Contains("86400 s", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task APostIsSentOnceUnlessItIsSafe()
    {
        _server.On("POST", "/x", FaultAnswer.Of(503));
        using ServiceHttp http = Open();
        using HttpRequestMessage once = new(HttpMethod.Post, new Uri(_server.Address, "x"));
        (await http.SendAsync(once, Call, Token)).Dispose();
        Assert.Single(_server.Requests);
        using HttpRequestMessage safe = new(HttpMethod.Post, new Uri(_server.Address, "x")) { Content = new StringContent("body") };
        safe.Options.Set(ServiceHttp.SafeToRepeat, true);
        (await http.SendAsync(safe, Call, Token)).Dispose();
        Assert.Equal(5, _server.Requests.Count);
        Assert.All(_server.Requests.Skip(1), static request => Assert.Equal("body", request.Text));
    }

    [Fact]
    public async Task NoRetryIsSentOnce()
    {
        _server.On("GET", "/x", FaultAnswer.Of(503));
        using ServiceHttp http = Open();
        using HttpRequestMessage request = Get("x");
        request.Options.Set(ServiceHttp.NoRetry, true);
        (await http.SendAsync(request, Call, Token)).Dispose();
        Assert.Single(_server.Requests);
    }

    [Fact]
    public async Task ARedirectIsAnAnswerAndTakesNoTokenAlong()
    {
        await using FaultServer other = FaultServer.Start();
        _server.On("GET", "/x", FaultAnswer.Of(302, ("Location", other.Address + "x")));
        using ServiceHttp http = Open();
        using HttpRequestMessage request = Get("x");
        request.Headers.Add("X-Auth-Token", "planted");
        using HttpResponseMessage answer = await http.SendAsync(request, Call, Token);
        Assert.Equal(HttpStatusCode.Found, answer.StatusCode);
        Assert.Empty(other.Requests);
        Assert.Equal(ErrorIds.ServiceAnswerInvalid, ServiceFailure.From(answer, default, Call, http.Redactor, null).ErrorId);
    }

    [Fact]
    public async Task APublicUrlMayRedirectButNotForEver()
    {
        await using FaultServer other = FaultServer.Start();
        other.On("GET", "/image", FaultAnswer.Text("data"));
        _server.On("GET", "/x", FaultAnswer.Of(302, ("Location", other.Address + "image"))).On("GET", "/loop", FaultAnswer.Of(307, ("Location", "loop")));
        using ServiceHttp http = Open();
        await using DataResponse answer = await http.OpenPublicAsync(new Uri(_server.Address, "x"), static _ => { }, Call, Token);
        using StreamReader reader = new(answer.Body);
        Assert.Equal("data", await reader.ReadToEndAsync(Token));
        await using DataResponse loop = await http.OpenPublicAsync(new Uri(_server.Address, "loop"), static _ => { }, Call, Token);
        Assert.Equal(HttpStatusCode.TemporaryRedirect, loop.Status);
        Assert.Equal(11, _server.CountOf("GET", "/loop"));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task AnAnswerThatIsTooLargeIsRefused(bool chunked)
    {
        _server.On("GET", "/x", FaultAnswer.Bytes(new byte[5000]) with { Chunked = chunked });
        using ServiceHttp http = Open();
        using HttpRequestMessage request = Get("x");
        request.Options.Set(ServiceHttp.BodyLimit, 4999);
        UnavailableException error = await Assert.ThrowsAsync<UnavailableException>(() => http.SendAsync(request, Call, Token));
        Assert.Equal(ErrorIds.ServiceAnswerInvalid, error.ErrorId);
        Assert.Single(_server.Requests);
        using HttpRequestMessage fits = Get("x");
        fits.Options.Set(ServiceHttp.BodyLimit, 5000);
        using HttpResponseMessage answer = await http.SendAsync(fits, Call, Token);
        Assert.Equal(5000, (await answer.Content.ReadAsByteArrayAsync(Token)).Length);
    }

    [Fact]
    public async Task WhatIsNoHttpIsUnavailable()
    {
        _server.On("GET", "/x", new FaultAnswer { Raw = "SSH-2.0-OpenSSH\r\n"u8.ToArray() });
        using ServiceHttp http = Open(new ServiceHttpOptions { Retries = 0 });
        using HttpRequestMessage request = Get("x");
        UnavailableException error = await Assert.ThrowsAsync<UnavailableException>(() => http.SendAsync(request, Call, Token));
        Assert.Equal(ErrorIds.ServiceUnavailable, error.ErrorId);
    }

    [Fact]
    public async Task ACancelledRequestIsCancelledEvenWhileItWaits()
    {
        _server.On("GET", "/x", FaultAnswer.Of(200) with { StallBeforeHeaders = true });
        using ServiceHttp http = Open();
        using CancellationTokenSource stop = new();
        using HttpRequestMessage request = Get("x");
        Task<HttpResponseMessage> sending = http.SendAsync(request, Call, stop.Token);
        await _server.WaitForAsync(static requests => requests.Count == 1, Token);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => sending);
        Assert.Single(_server.Requests);
    }

    [Fact]
    public async Task ASecretThatTheServerRepeatsIsMasked()
    {
        _server.On("GET", "/x", FaultAnswer.Json("""{"error":{"message":"bad token planted-token\r\nInjected: line"}}""", 403).WithHeader("x-openstack-request-id", "planted-token"));
        using ServiceHttp http = Open();
        http.Redactor.Add(new Secret("planted-token"));
        using HttpRequestMessage request = Get("x?token=planted-token");
        using HttpResponseMessage answer = await http.SendAsync(request, Call, Token);
        ImageCacheException error = ServiceFailure.From(answer, await answer.Content.ReadAsByteArrayAsync(Token), Call, http.Redactor, null);
        Assert.Equal((ErrorIds.AccessDenied, FailureCategory.PermissionDenied), (error.ErrorId, error.Category));
        Assert.Contains("bad token ***", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
        Assert.DoesNotContain("planted", error + _log.All, StringComparison.Ordinal);
    }

    private ServiceHttp Open(ServiceHttpOptions? options = null)
        => new(options ?? new ServiceHttpOptions(), new RetrySchedule(options?.Retries ?? 3, _time), _log);

    private HttpRequestMessage Get(string path) => new(HttpMethod.Get, new Uri(_server.Address, path));

    private async Task<string> GetTextAsync(ServiceHttp http, string path)
    {
        using HttpRequestMessage request = Get(path);
        using HttpResponseMessage answer = await http.SendAsync(request, Call, Token);
        return await answer.Content.ReadAsStringAsync(Token);
    }
}
