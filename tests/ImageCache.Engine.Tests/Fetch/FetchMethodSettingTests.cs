using ImageCache.Engine.Requests;
using ImageCache.Engine.Tests.Faults;
using Xunit;

namespace ImageCache.Engine.Tests.Fetch;

/// <summary>The method that is configured is as good as one that is named: it is never silently replaced.</summary>
public sealed class FetchMethodSettingTests : IAsyncDisposable
{
    private readonly EngineBed _bed = new();

    public ValueTask DisposeAsync() => _bed.DisposeAsync();

    [Theory]
    [InlineData("download", null)]
    [InlineData("auto", null)]
    [InlineData("rbd_export", "RbdExport")]
    [InlineData("volume_link", "VolumeLink")]
    public async Task NovasOptionChoosesTheHandler(string word, string? refusedBy)
    {
        string nova = _bed.Directory["nova.conf"];
        await File.WriteAllTextAsync(nova, $"[DEFAULT]\ntemplate_image_handler = {word}\n", TestContext.Current.CancellationToken);
        _bed.Settings["nova_conf"] = nova;
        FakeImage image = _bed.Cloud.Add(new FakeImage { Data = new byte[4096] });

        FetchOutcome outcome = await _bed.TryFetchAsync(image.Id);

        if (refusedBy is null)
        {
            Assert.Equal(BaseImageMethod.Download, outcome.Image?.Method);
        }
        else
        {
            Assert.Equal(ErrorIds.MethodUnavailable, outcome.Error?.ErrorId);
            Assert.StartsWith($"{refusedBy} cannot bring", outcome.Error!.Message, StringComparison.Ordinal);
        }
    }
}
