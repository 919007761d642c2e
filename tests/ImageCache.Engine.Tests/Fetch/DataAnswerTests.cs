using ImageCache.Engine.Requests;
using ImageCache.Engine.Tests.Faults;
using Xunit;

namespace ImageCache.Engine.Tests.Fetch;

/// <summary>What each answer to the request for an image's data comes to, and lies about the length.</summary>
public sealed class DataAnswerTests : IAsyncDisposable
{
    private readonly EngineBed _bed = new();
    private readonly FakeImage _image;

    public DataAnswerTests() => _image = _bed.Cloud.Add(new FakeImage { Name = "answered", Data = TestData.Noise(600_000) });

    public ValueTask DisposeAsync() => _bed.DisposeAsync();

    [Theory]
    [InlineData(204, ErrorIds.ImageDataNotFound, typeof(NotFoundException))]
    [InlineData(404, ErrorIds.ImageDataNotFound, typeof(NotFoundException))]
    [InlineData(410, ErrorIds.ImageDataNotFound, typeof(NotFoundException))]
    [InlineData(403, ErrorIds.AccessDenied, typeof(PolicyException))]
    [InlineData(409, ErrorIds.ServiceUnavailable, typeof(UnavailableException))]
    [InlineData(302, ErrorIds.ServiceAnswerInvalid, typeof(UnavailableException))]
    [InlineData(206, ErrorIds.ServiceUnavailable, typeof(UnavailableException))]
    [InlineData(418, ErrorIds.ServiceUnavailable, typeof(UnavailableException))]
    public async Task An_answer_that_will_not_change_is_asked_for_once(int status, string errorId, Type type)
    {
        Always(_ => FaultAnswer.Of(status, ("Location", "http://127.0.0.1:1/elsewhere")));
        ImageCacheException error = await FailsAsync(errorId);
        Assert.IsType(type, error);
        Assert.Equal(_image.Id, error.ImageId);
        Assert.Equal(1, _bed.DataRequests(_image.Id));
    }

    [Theory]
    [InlineData(408)]
    [InlineData(429)]
    [InlineData(500)]
    [InlineData(502)]
    [InlineData(503)]
    [InlineData(504)]
    public async Task A_busy_server_is_asked_again_and_to_the_end(int status)
    {
        Always(_ => FaultAnswer.Of(status));
        ImageCacheException error = await FailsAsync(ErrorIds.ServiceUnavailable);
        Assert.IsType<UnavailableException>(error);
        Assert.Contains(status.ToString(System.Globalization.CultureInfo.InvariantCulture), error.Message, StringComparison.Ordinal);
        Assert.Equal(4, _bed.DataRequests(_image.Id));
    }

    [Theory]
    [InlineData(500, 2)]
    [InlineData(502, 1)]
    [InlineData(503, 1)]
    [InlineData(504, 3)]
    [InlineData(429, 1)]
    public async Task A_server_that_recovers_gives_the_image(int status, int times)
    {
        for (int i = 0; i < times; i++)
        {
            Next(_ => FaultAnswer.Of(status));
        }

        await _bed.FetchAsync(_image.Id);
        _bed.AssertWhole(_image.Id, _image.Data);
        Assert.Equal(times + 1, _bed.DataRequests(_image.Id));
    }

    [Theory]
    [InlineData(429)]
    [InlineData(503)]
    public async Task Retry_After_is_waited_for(int status)
    {
        Next(_ => FaultAnswer.Of(status, ("Retry-After", "17")));
        await _bed.FetchAsync(_image.Id);
        Assert.Single(_bed.Time.Waits, static wait => wait >= TimeSpan.FromSeconds(17) && wait < TimeSpan.FromSeconds(20));
    }

    [Fact]
    public async Task A_Retry_After_of_an_hour_is_not_waited_for()
    {
        Next(_ => FaultAnswer.Of(503, ("Retry-After", "3600")));
        ImageCacheException error = await FailsAsync(ErrorIds.ServiceUnavailable);
        Assert.Contains("3600", error.Message, StringComparison.Ordinal);
        Assert.Equal(1, _bed.DataRequests(_image.Id));
    }

    [Fact]
    public async Task A_busy_server_in_the_middle_of_a_resumed_transfer_is_survived()
    {
        Next(static answer => answer with { CutAfter = 100_000 }, _ => FaultAnswer.Of(500), _ => FaultAnswer.Of(500));
        await _bed.FetchAsync(_image.Id);
        _bed.AssertWhole(_image.Id, _image.Data);
        Assert.Equal(4, _bed.DataRequests(_image.Id));
    }

    [Fact]
    public async Task Data_deleted_in_the_middle_of_a_transfer_are_not_found()
    {
        Next(static answer => answer with { CutAfter = 100_000 }, _ => FaultAnswer.Of(404));
        Assert.IsType<NotFoundException>(await FailsAsync(ErrorIds.ImageDataNotFound));
    }

    [Fact]
    public async Task A_token_that_ends_in_the_middle_of_a_transfer_is_renewed()
    {
        Next(answer =>
        {
            _bed.Cloud.RevokeTokens();
            return answer with { CutAfter = 100_000 };
        });
        await _bed.FetchAsync(_image.Id);
        Assert.Equal(2, _bed.Cloud.TokenCount);
        _bed.AssertWhole(_image.Id, _image.Data);
    }

    [Fact]
    public async Task A_service_that_refuses_every_token_ends_it()
    {
        Always(_ => FaultAnswer.Of(401));
        Assert.IsType<PolicyException>(await FailsAsync(ErrorIds.AuthenticationFailed));
        Assert.Equal(2, _bed.DataRequests(_image.Id));
    }

    [Theory]
    [InlineData(-1L)]
    [InlineData(1L)]
    [InlineData(4_000_000_000_000L)]
    public async Task An_announced_length_that_is_not_the_images_is_refused_at_once(long difference)
    {
        Always(answer => answer with { DeclaredLength = answer.Body.Length + difference, CutAfter = answer.Body.Length });
        VerificationException error = Assert.IsType<VerificationException>(await FailsAsync(ErrorIds.SizeMismatch));
        Assert.Contains("600000", error.Message, StringComparison.Ordinal);
        Assert.Equal(1, _bed.DataRequests(_image.Id));
    }

    [Fact]
    public async Task A_body_with_more_bytes_than_the_image_has_is_refused()
    {
        Always(answer => answer with { Body = new byte[900_000], Chunked = true });
        Assert.IsType<VerificationException>(await FailsAsync(ErrorIds.SizeMismatch));
        Assert.Equal(1, _bed.DataRequests(_image.Id));
    }

    [Fact]
    public async Task One_byte_too_many_is_too_many()
    {
        Always(answer => answer with { Body = (byte[])[.. _image.Data, 0], Chunked = true });
        Assert.IsType<VerificationException>(await FailsAsync(ErrorIds.SizeMismatch));
    }

    [Fact]
    public async Task A_body_that_ends_early_in_good_order_is_asked_for_again_and_then_refused()
    {
        _bed.Cloud.Ranges = FaultRanges.Ignore;
        Always(answer => answer with { Body = answer.Body[..599_999], Chunked = true });
        Assert.IsType<VerificationException>(await FailsAsync(ErrorIds.SizeMismatch));
        Assert.Equal(4, _bed.DataRequests(_image.Id));
    }

    [Fact]
    public async Task A_body_without_a_usable_length_that_ends_early_is_refused()
    {
        Always(_ => new FaultAnswer { Raw = "HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\nabc"u8.ToArray() });
        Assert.IsType<VerificationException>(await FailsAsync(ErrorIds.SizeMismatch));
    }

    [Fact]
    public async Task A_body_that_ends_early_once_is_completed()
    {
        Next(answer => answer with { Body = answer.Body[..599_999], Chunked = true });
        await _bed.FetchAsync(_image.Id);
        _bed.AssertWhole(_image.Id, _image.Data);
        Assert.Equal(_image.Data.Length, (await File.ReadAllBytesAsync(_bed.BasePath(_image.Id), TestContext.Current.CancellationToken)).Length);
    }

    [Fact]
    public async Task A_chunked_body_of_the_right_length_is_taken()
    {
        Always(static answer => answer with { Chunked = true });
        await _bed.FetchAsync(_image.Id);
        _bed.AssertWhole(_image.Id, _image.Data);
    }

    [Theory]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nabc\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\nabc\r\n")]
    [InlineData("SSH-2.0-OpenSSH_9.2\r\n")]
    [InlineData("")]
    public async Task An_answer_that_is_no_HTTP_ends_after_the_attempts(string raw)
    {
        Always(_ => new FaultAnswer { Raw = System.Text.Encoding.ASCII.GetBytes(raw) });
        FetchOutcome outcome = await _bed.TryFetchAsync(_image.Id);
        Assert.IsType<UnavailableException>(outcome.Error);
        Assert.True(_bed.DataRequests(_image.Id) >= 4, "too few attempts");
        _bed.AssertNothingLeft(_image.Id, outcome.Error.ErrorId);
    }

    private void Next(params Func<FaultAnswer, FaultAnswer>[] twists) => _bed.Server.Next("GET", FakeCloud.DataPath(_image.Id), twists);

    private void Always(Func<FaultAnswer, FaultAnswer> twist) => _bed.Server.Always("GET", FakeCloud.DataPath(_image.Id), twist);

    private async Task<ImageCacheException> FailsAsync(string errorId)
    {
        FetchOutcome outcome = await _bed.TryFetchAsync(_image.Id);
        Assert.Equal(errorId, outcome.Error?.ErrorId);
        _bed.AssertNothingLeft(_image.Id, errorId);
        return outcome.Error!;
    }
}
