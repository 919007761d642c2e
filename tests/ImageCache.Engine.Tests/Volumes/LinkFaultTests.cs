using ImageCache.Engine.OpenStack.Volumes;
using ImageCache.Engine.Requests;
using ImageCache.Engine.Tests.Faults;
using Xunit;

namespace ImageCache.Engine.Tests.Volumes;

/// <summary>What Cinder, its stores and other processes do to a link while it is made.</summary>
public sealed class LinkFaultTests : IAsyncDisposable
{
    private readonly LinkBed _bed = new();

    public ValueTask DisposeAsync() => _bed.DisposeAsync();

    [Fact]
    public async Task TwoThatFetchAtOnceMakeOneLinkWithOneAttachment()
    {
        FakeImage image = _bed.Add(new FakeVolume { IsMultiattach = true });
        BaseImage[] both = await Task.WhenAll(_bed.Node.FetchAsync(LinkBed.Request(image)), _bed.Node.FetchAsync(LinkBed.Request(image)));
        Assert.Single(both, static one => one.Hit == true);
        Assert.Single(_bed.Cinder.Attachments);
        Assert.Single(_bed.Views());
        _bed.AssertReadable(image);
    }

    [Theory]
    [InlineData("POST", "", 503)]
    [InlineData("POST", "", 409)]
    [InlineData("PUT", "/", 500)]
    [InlineData("PUT", "/", 409)]
    [InlineData("POST", "/", 500)]
    public async Task AStepThatCinderRefusesLeavesNothing(string method, string below, int status)
    {
        FakeImage image = _bed.Add();
        Func<FaultRequest, FaultAnswer> well = _bed.Node.Server.Fallback;
        bool IsStep(FaultRequest request) => request.Method == method
            && (below.Length == 0 ? request.Path == FakeCinder.AttachmentsPath : request.Path.StartsWith(FakeCinder.AttachmentsPath + below, StringComparison.Ordinal));
        _bed.Node.Server.Fallback = request => IsStep(request) ? FaultAnswer.Of(status) : well(request);
        FetchOutcome outcome = await _bed.Node.TryFetchAsync(LinkBed.Request(image));
        Assert.Equal(status == 409 ? ErrorIds.VolumeBusy : ErrorIds.ServiceUnavailable, outcome.Error?.ErrorId);
        _bed.AssertNothingHeld(image);

        // In Auto the next method brings it.
        Assert.Equal(BaseImageMethod.Download, (await _bed.Node.FetchAsync(image.Id)).Method);
        _bed.AssertLetGo();
    }

    [Theory]
    [InlineData("error")]
    [InlineData("deleting")]
    public async Task AVolumeThatCannotBeAttachedIsNamedWithItsState(string status)
    {
        FakeImage image = _bed.Add(new FakeVolume { Status = status });
        FetchOutcome outcome = await _bed.Node.TryFetchAsync(LinkBed.Request(image));
        Assert.Equal(ErrorIds.VolumeBusy, outcome.Error?.ErrorId);
        Assert.Contains($"'{status}'", outcome.Error!.Message, StringComparison.Ordinal);
        Assert.Empty(_bed.Holds.Names());
    }

    [Fact]
    public async Task AnAttachmentThatStaysAttachingIsGivenUpAndDeleted()
    {
        FakeImage image = _bed.Add();
        _bed.Cinder.LooksUntilConnected = int.MaxValue;
        FetchOutcome outcome = await _bed.Node.TryFetchAsync(LinkBed.Request(image));
        Assert.Equal(ErrorIds.VolumeFailed, outcome.Error?.ErrorId);
        Assert.Contains(CinderAttachment.Reserved, outcome.Error!.Message, StringComparison.Ordinal);
        _bed.AssertNothingHeld(image);
    }
}
