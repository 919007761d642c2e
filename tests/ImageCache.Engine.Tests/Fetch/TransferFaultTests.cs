using ImageCache.Engine.Requests;
using ImageCache.Engine.Tests.Faults;
using Xunit;

namespace ImageCache.Engine.Tests.Fetch;

/// <summary>Transfers that break, and what is left of them. With <c>retries: 3</c>.</summary>
public sealed class TransferFaultTests : IAsyncDisposable
{
    private const int Size = 3_000_000;
    private const int Middle = 1_234_567;

    private readonly EngineBed _bed = new();
    private readonly FakeImage _image;

    public TransferFaultTests() => _image = _bed.Cloud.Add(new FakeImage { Name = "faulty", Data = TestData.Noise(Size) });

    public ValueTask DisposeAsync() => _bed.DisposeAsync();

    [Theory]
    [InlineData(FaultRanges.Honour, FaultCut.Fin, 1)]
    [InlineData(FaultRanges.Honour, FaultCut.Reset, 1)]
    [InlineData(FaultRanges.Honour, FaultCut.Fin, 2)]
    [InlineData(FaultRanges.Honour, FaultCut.Reset, 2)]
    [InlineData(FaultRanges.Refuse, FaultCut.Fin, 1)]
    [InlineData(FaultRanges.Refuse, FaultCut.Reset, 2)]
    [InlineData(FaultRanges.Ignore, FaultCut.Fin, 1)]
    [InlineData(FaultRanges.Ignore, FaultCut.Reset, 2)]
    public async Task A_cut_transfer_goes_on_or_begins_again(FaultRanges ranges, FaultCut cut, int times)
    {
        _bed.Cloud.Ranges = ranges;
        for (int i = 0; i < times; i++)
        {
            Next(answer => answer.Status is 200 or 206 && answer.Body.Length > 0 ? answer with { CutAfter = 700_000, Cut = cut } : answer);
        }

        BaseImage image = await _bed.FetchAsync(_image.Id);

        Assert.Equal(DigestStatus.Verified, image.DigestStatus);
        _bed.AssertWhole(_image.Id, _image.Data);
    }

    [Fact]
    public async Task Where_ranges_are_honoured_only_the_rest_is_asked_for()
    {
        Next(Cut(Middle));
        BaseImage image = await _bed.FetchAsync(_image.Id);
        FaultRequest second = DataRequests()[1];
        Assert.Equal(Size, image.BytesTransferred);
        Assert.Equal($"bytes={Middle}-", second.Header("Range"));
    }

    [Fact]
    public async Task A_store_that_refuses_ranges_is_asked_for_one_only_once()
    {
        _bed.Cloud.Ranges = FaultRanges.Refuse;
        Next(Cut(Middle), Same, Cut(Middle));
        await _bed.FetchAsync(_image.Id);
        Assert.Equal([false, true, false, false], DataRequests().Select(static request => request.Header("Range") is not null));
    }

    [Theory]
    [InlineData("bytes 0-9/10")]
    [InlineData("bytes 5-2999999/3000000")]
    [InlineData("bytes 1234567-2999999/9999999")]
    [InlineData("nonsense")]
    public async Task A_wrong_content_range_is_not_believed(string contentRange)
    {
        Next(Cut(Middle), answer => answer.WithHeader("Content-Range", contentRange));
        await _bed.FetchAsync(_image.Id);
        _bed.AssertWhole(_image.Id, _image.Data);
    }

    [Fact]
    public async Task A_partial_answer_with_other_bytes_is_found_out()
    {
        Next(Cut(Middle), answer => answer with { WrongBytes = [Middle + 5] });
        VerificationException error = await FailsAsync<VerificationException>();
        Assert.Equal(ErrorIds.DigestMismatch, error.ErrorId);
        _bed.AssertNothingLeft(_image.Id, ErrorIds.DigestMismatch);
    }

    [Fact]
    public async Task Wrong_bytes_are_refused()
    {
        Always(static answer => answer with { WrongBytes = [Size - 1] });
        VerificationException error = await FailsAsync<VerificationException>();
        Assert.Equal(ErrorIds.DigestMismatch, error.ErrorId);
        Assert.Equal(_image.Id, error.ImageId);
        _bed.AssertNothingLeft(_image.Id, ErrorIds.DigestMismatch);
    }

    [Theory]
    [InlineData(0L)]
    [InlineData(700_000L)]
    public async Task A_stall_is_survived(long after)
    {
        _bed.Settings["idle_timeout"] = "0.5";
        Next(answer => answer with { StallAfter = after });
        await _bed.FetchAsync(_image.Id);
        _bed.AssertWhole(_image.Id, _image.Data);
    }

    [Fact]
    public async Task Two_cuts_and_a_stall_in_one_transfer_are_survived()
    {
        _bed.Settings["idle_timeout"] = "0.5";
        Next(Cut(500_000), answer => answer with { StallAfter = 500_000 }, Cut(500_000));
        await _bed.FetchAsync(_image.Id);
        _bed.AssertWhole(_image.Id, _image.Data);
    }

    [Fact]
    public async Task A_server_that_never_answers_ends_after_the_attempts()
    {
        _bed.Settings["idle_timeout"] = "0.2";
        Always(static answer => answer with { StallBeforeHeaders = true });
        UnavailableException error = await FailsAsync<UnavailableException>();
        Assert.Equal(ErrorIds.ServiceUnavailable, error.ErrorId);
        Assert.Equal(4, DataRequests().Count);
        _bed.AssertNothingLeft(_image.Id, ErrorIds.ServiceUnavailable);
    }

    [Fact]
    public async Task A_server_that_always_stalls_ends_after_the_attempts()
    {
        _bed.Settings["idle_timeout"] = "0.2";
        Always(static answer => answer with { StallAfter = 1000 });
        UnavailableException error = await FailsAsync<UnavailableException>();
        Assert.Equal(ErrorIds.TransferFailed, error.ErrorId);
        Assert.Equal(4, DataRequests().Count);
        _bed.AssertNothingLeft(_image.Id, ErrorIds.TransferFailed);
    }

    [Fact]
    public async Task A_drip_counts_as_a_stall()
    {
        _bed.Settings["idle_timeout"] = "0.5";
        Always(static answer => answer with { DripSize = 2, DripPause = TimeSpan.FromMilliseconds(20) });
        UnavailableException error = await FailsAsync<UnavailableException>();
        Assert.Equal(ErrorIds.TransferFailed, error.ErrorId);
        Assert.Contains("bytes came in", error.Message, StringComparison.Ordinal);
        Assert.Equal(4, DataRequests().Count);
        _bed.AssertNothingLeft(_image.Id, ErrorIds.TransferFailed);
    }

    [Theory]
    [InlineData(FaultRanges.Honour)]
    [InlineData(FaultRanges.Refuse)]
    public async Task A_connection_that_is_always_cut_ends_after_the_attempts(FaultRanges ranges)
    {
        _bed.Cloud.Ranges = ranges;
        Always(static answer => answer.Status is 200 or 206 ? answer with { CutAfter = 1000, Cut = FaultCut.Reset } : answer);
        UnavailableException error = await FailsAsync<UnavailableException>();
        Assert.Equal(ErrorIds.TransferFailed, error.ErrorId);
        Assert.Equal(ranges == FaultRanges.Honour ? 4 : 5, DataRequests().Count);
        _bed.AssertNothingLeft(_image.Id, ErrorIds.TransferFailed);
    }

    [Fact]
    public async Task Without_retries_the_first_cut_ends_it()
    {
        _bed.Settings["retries"] = "0";
        Next(Cut(Middle));
        UnavailableException error = await FailsAsync<UnavailableException>();
        Assert.Equal(ErrorIds.TransferFailed, error.ErrorId);
        Assert.Single(DataRequests());
    }

    [Fact]
    public async Task A_transfer_that_goes_on_far_enough_between_cuts_has_its_attempts_anew()
    {
        FakeImage large = _bed.Cloud.Add(new FakeImage { Data = TestData.Noise(100 << 20) });
        for (int i = 0; i < 5; i++)
        {
            _bed.Server.Next("GET", FakeCloud.DataPath(large.Id), Cut(17 << 20));
        }

        await _bed.FetchAsync(large.Id);
        _bed.AssertWhole(large.Id, large.Data);
    }

    [Fact]
    public async Task More_waits_follow_each_other_longer_and_longer()
    {
        Next(Cut(10), Cut(10), Cut(10));
        await _bed.FetchAsync(_image.Id);
        TimeSpan[] waits = [.. _bed.Time.Waits.Where(static wait => wait >= TimeSpan.FromSeconds(0.2))];
        Assert.Equal(3, waits.Length);
        Assert.True(waits[0] <= TimeSpan.FromSeconds(0.5) && waits[2] >= TimeSpan.FromSeconds(1), string.Join(", ", waits));
    }

    [Fact]
    public async Task A_transfer_has_an_end()
    {
        _bed.Settings["transfer_timeout"] = "1";
        Next(static answer => answer with { StallAfter = 1000 });
        FetchOutcome outcome = await _bed.TryFetchAsync(new FetchRequest { Image = _image.Id }, _bed.Open(TimeProvider.System));
        UnavailableException error = Assert.IsType<UnavailableException>(outcome.Error);
        Assert.Equal(ErrorIds.TransferFailed, error.ErrorId);
        Assert.Equal(FailureCategory.OperationTimeout, error.Category);
        _bed.AssertNothingLeft(_image.Id, ErrorIds.TransferFailed);
    }

    private static FaultAnswer Same(FaultAnswer answer) => answer;

    private static Func<FaultAnswer, FaultAnswer> Cut(int after) => answer => answer with { CutAfter = after };

    private void Next(params Func<FaultAnswer, FaultAnswer>[] twists) => _bed.Server.Next("GET", FakeCloud.DataPath(_image.Id), twists);

    private void Always(Func<FaultAnswer, FaultAnswer> twist) => _bed.Server.Always("GET", FakeCloud.DataPath(_image.Id), twist);

    private List<FaultRequest> DataRequests()
        => [.. _bed.Server.Requests.Where(request => request.Path == FakeCloud.DataPath(_image.Id))];

    private async Task<T> FailsAsync<T>()
        where T : ImageCacheException
        => Assert.IsType<T>((await _bed.TryFetchAsync(_image.Id)).Error);
}
