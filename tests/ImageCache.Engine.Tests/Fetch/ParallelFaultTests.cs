using ImageCache.Engine.Requests;
using ImageCache.Engine.Tests.Faults;
using Xunit;

namespace ImageCache.Engine.Tests.Fetch;

/// <summary>The faults of one connection, met while several bring the data.</summary>
public sealed class ParallelFaultTests : IAsyncDisposable
{
    private readonly EngineBed _bed = new();
    private readonly FakeImage _image;

    public ParallelFaultTests()
    {
        _bed.Settings["parallel_ranges"] = "4";
        _image = _bed.Cloud.Add(new FakeImage { Data = TestData.Noise((24 << 20) + 4321) });
    }

    public ValueTask DisposeAsync() => _bed.DisposeAsync();

    public static TheoryData<string, Func<FaultAnswer, FaultAnswer>[]> Survived() => new()
    {
        { "a cut", [Same, static part => part with { CutAfter = 1000 }] },
        { "a reset", [Same, Same, Same, static part => part with { CutAfter = 1000, Cut = FaultCut.Reset }] },
        { "a part that ends early", [Same, Same, static part => part with { Body = part.Body[..1000], Chunked = true, Status = 206, Headers = Range(part) }] },
        { "a wrong part", [Same, static part => part.WithHeader("Content-Range", "bytes 0-99/100")] },
        { "the whole instead of a part", [Same, static part => part with { Ranges = FaultRanges.Ignore }] },
        { "a busy server", [Same, static _ => FaultAnswer.Of(503), static _ => FaultAnswer.Of(500)] },
        { "a busy server at the first question", [static _ => FaultAnswer.Of(503)] },
        { "a stall", [Same, Same, static part => part with { StallAfter = 5000 }] },
        { "no ranges from now on", [Same, static part => part with { CutAfter = 1000 }, Same, Same, Same, static part => part with { Ranges = FaultRanges.Refuse }] },
    };

    [Theory]
    [MemberData(nameof(Survived), DisableDiscoveryEnumeration = true)]
    public async Task Is_survived(string what, Func<FaultAnswer, FaultAnswer>[] twists)
    {
        _bed.Settings["idle_timeout"] = "1";
        _bed.Server.Next("GET", FakeCloud.DataPath(_image.Id), twists);
        await _bed.FetchAsync(_image.Id);
        _bed.AssertWhole(_image.Id, _image.Data);
        Assert.True(_bed.DataRequests(_image.Id) > 1, what);
    }

    [Theory]
    [InlineData(FaultRanges.Refuse)]
    [InlineData(FaultRanges.Ignore)]
    public async Task A_store_without_ranges_gives_all_at_once(FaultRanges ranges)
    {
        _bed.Cloud.Ranges = ranges;
        await _bed.FetchAsync(_image.Id);
        _bed.AssertWhole(_image.Id, _image.Data);
    }

    [Theory]
    [InlineData(404, ErrorIds.ImageDataNotFound)]
    [InlineData(403, ErrorIds.AccessDenied)]
    public async Task An_end_in_the_middle_ends_it(int status, string errorId)
    {
        _bed.Server.Next("GET", FakeCloud.DataPath(_image.Id), Same, Same, _ => FaultAnswer.Of(status));
        Assert.Equal(errorId, (await _bed.TryFetchAsync(_image.Id)).Error?.ErrorId);
        _bed.AssertNothingLeft(_image.Id, errorId);
    }

    [Fact]
    public async Task Wrong_bytes_in_one_part_are_found_out()
    {
        _bed.Server.Always("GET", FakeCloud.DataPath(_image.Id), static part => part with { WrongBytes = [9 << 20] });
        Assert.Equal(ErrorIds.DigestMismatch, (await _bed.TryFetchAsync(_image.Id)).Error?.ErrorId);
        _bed.AssertNothingLeft(_image.Id, ErrorIds.DigestMismatch);
    }

    [Fact]
    public async Task A_connection_that_is_always_cut_ends_it()
    {
        _bed.Server.Always("GET", FakeCloud.DataPath(_image.Id), static part => part with { CutAfter = 1000 });
        FetchOutcome outcome = await _bed.TryFetchAsync(_image.Id);
        Assert.Equal(ErrorIds.TransferFailed, outcome.Error?.ErrorId);
        _bed.AssertNothingLeft(_image.Id, ErrorIds.TransferFailed);
    }

    private static FaultAnswer Same(FaultAnswer part) => part;

    // The body is shorter than the range that the headers tell of.
    private static Dictionary<string, string> Range(FaultAnswer part) => new(part.Headers);
}
