using ImageCache.Engine.Tests.Faults;
using Xunit;

namespace ImageCache.Engine.Tests.Fetch.Guarantees;

/// <summary>Bytes from a Glance in memory.</summary>
internal sealed class DownloadOrigin : ByteOrigin
{
    private const int SilentAfter = 3 << 20;

    public override EngineBed Node { get; } = new();

    public override BaseImageMethod Method => BaseImageMethod.Download;

    public override int Step => 1;

    public override Task<FakeImage> AddAsync(FakeImage image) => Task.FromResult(Node.Cloud.Add(image));

    public override void PrepareSilence(FakeImage image)
        => Node.Server.Next("GET", FakeCloud.DataPath(image.Id), static answer => answer with { StallAfter = SilentAfter });

    public override Task<IAsyncDisposable> SilenceAsync() => Task.FromResult<IAsyncDisposable>(new MemoryStream());

    public override void AssertMoved(FakeImage image, int times) => Assert.Equal(times, Node.DataRequests(image.Id));

    public override ValueTask DisposeAsync() => Node.DisposeAsync();
}
