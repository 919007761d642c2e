using System.Security.Cryptography;
using ImageCache.Engine.Requests;
using ImageCache.Engine.Tests.Faults;
using Xunit;

namespace ImageCache.Engine.Tests.Handlers;

/// <summary>A method more is one class and one registration: choice, checks, errors and diagnostic know it by that.</summary>
public sealed class FourthHandlerTests : IAsyncDisposable
{
    private readonly EngineBed _bed = new();
    private readonly Dictionary<string, byte[]> _memory = [];
    private readonly MemoryHandler _handler;
    private readonly ImageCacheEngine _engine;
    private readonly FakeImage _image;

    public FourthHandlerTests()
    {
        _handler = new MemoryHandler(_memory);
        _engine = ImageCacheEngine.Open(_bed.Options with { MoreHandlers = [_handler] }, _bed.Time);
        _image = _bed.Cloud.Add(new FakeImage { Data = RandomNumberGenerator.GetBytes(300_000) });
        _memory[_image.Id] = _image.Data;
    }

    public async ValueTask DisposeAsync()
    {
        await _engine.DisposeAsync();
        await _bed.DisposeAsync();
    }

    [Fact]
    public async Task AutoTakesItWhereItApplies()
    {
        BaseImage image = await _bed.FetchAsync(new FetchRequest { Image = _image.Id }, _engine);
        Assert.Equal(BaseImageMethod.Uri, image.Method);
        Assert.Equal(0, _bed.DataRequests(_image.Id));
        _bed.AssertWhole(_image.Id, _image.Data);
    }

    [Fact]
    public async Task ItCannotSkipACheck()
    {
        _memory[_image.Id] = [.. _image.Data[..^1], (byte)~_image.Data[^1]];
        FetchOutcome outcome = await _bed.TryFetchAsync(new FetchRequest { Image = _image.Id }, _engine);
        Assert.Equal(ErrorIds.DigestMismatch, outcome.Error?.ErrorId);
        _bed.AssertNothingLeft(_image.Id, ErrorIds.DigestMismatch);
    }

    [Fact]
    public async Task WhereTheNodeLacksSomethingAutoTakesAnother()
    {
        _handler.IsOn = false;
        BaseImage image = await _bed.FetchAsync(new FetchRequest { Image = _image.Id }, _engine);
        Assert.Equal(BaseImageMethod.Download, image.Method);
    }

    [Fact]
    public async Task NamedItIsNotReplacedAndTheErrorSaysWhatIsMissingAndWhatToDo()
    {
        _handler.IsOn = false;
        FetchOutcome outcome = await _bed.TryFetchAsync(new FetchRequest { Image = _image.Id, Method = MemoryHandler.Name }, _engine);
        UnavailableException error = Assert.IsType<UnavailableException>(outcome.Error);
        Assert.Equal(ErrorIds.MethodUnavailable, error.ErrorId);
        Assert.Contains(MemoryHandler.SwitchReason, error.Message, StringComparison.Ordinal);
        Assert.StartsWith(MemoryHandler.SwitchStep, error.NextStep, StringComparison.Ordinal);
    }

    [Fact]
    public async Task WhatIsGoodToHaveIsInNobodysWay()
    {
        FetchOutcome outcome = await _bed.TryFetchAsync(new FetchRequest { Image = _image.Id, Method = MemoryHandler.Name }, _engine);
        Assert.Null(outcome.Error);
    }

    [Fact]
    public async Task TheDiagnosticTellsItsNeeds()
    {
        List<NodeCheckResult> results = await CheckAsync(new NodeCheckRequest { Method = MemoryHandler.Name, Image = _image.Id });
        Assert.Equal(["memory-switch", "memory-comfort", "memory-image", "memory-length", "ready"], results.Select(static result => result.Need));
        Assert.Equal([MemoryHandler.Name], ImageCacheEngine.ReadyMethods(results));

        _handler.IsOn = false;
        _memory.Clear();
        results = await CheckAsync(new NodeCheckRequest { Method = MemoryHandler.Name, Image = _image.Id });
        Assert.Equal(
            [NodeCheckStatus.Fail, NodeCheckStatus.Fail, NodeCheckStatus.Fail, NodeCheckStatus.Unknown, NodeCheckStatus.Fail],
            results.Select(static result => result.Status));
        Assert.Equal((MemoryHandler.SwitchReason, MemoryHandler.SwitchStep), (results[0].Reason, results[0].NextStep));
        Assert.Equal("not met: memory-switch, memory-image, memory-length", results[^1].Reason);
        Assert.Empty(ImageCacheEngine.ReadyMethods(results));
    }

    private async Task<List<NodeCheckResult>> CheckAsync(NodeCheckRequest request)
    {
        List<NodeCheckResult> results = [];
        await foreach (NodeCheckResult result in _engine.CheckNodeAsync(request, _bed.Monitor, TestContext.Current.CancellationToken))
        {
            if (result.Method is not null)
            {
                results.Add(result);
            }
        }

        return results;
    }
}
