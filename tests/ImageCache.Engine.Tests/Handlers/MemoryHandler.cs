using ImageCache.Engine.Diagnostics;
using ImageCache.Engine.Handlers;
using ImageCache.Engine.Transfer;

namespace ImageCache.Engine.Tests.Handlers;

/// <summary>A method of a test's own, as docs/architecture.md tells how to add one: it brings images from memory.</summary>
internal sealed class MemoryHandler(Dictionary<string, byte[]> images) : BaseImageHandler
{
    public const FetchMethod Name = (FetchMethod)100;

    public const string SwitchReason = "the memory is switched off";

    public const string SwitchStep = "Switch the memory on.";

    /// <summary>Whether the node has what the method needs.</summary>
    public bool IsOn { get; set; } = true;

    public override FetchMethod Method => Name;

    // A word that records know already; a real method brings one of its own.
    public override BaseImageMethod RecordedAs => BaseImageMethod.Uri;

    public override IReadOnlyList<Need> Needs =>
    [
        new NodeNeed("memory-switch", "The memory is on.", () => NeedAnswer.Unless(IsOn ? null : SwitchReason, SwitchStep)),
        new NodeNeed("memory-comfort", "Not needed by anybody.", static () => NeedAnswer.Fail("there is none")) { IsRequired = false },
        new ImageNeed("memory-image", "The memory has the image.", image => NeedAnswer.Unless(images.ContainsKey(image.Id) ? null : "the memory does not have it")),
        new ImageProbe("memory-length", "The image is not empty.", (image, _) => Task.FromResult(NeedAnswer.Pass($"{images[image.Id].Length} bytes"))) { IsOnline = false, After = ["memory-image"] },
    ];

    public override Task<IByteSource> FetchAsync(ImageDescriptor image, CancellationToken cancellationToken)
        => Task.FromResult<IByteSource>(new Source(images[image.Id]));

    private sealed class Source(byte[] data) : IByteSource
    {
        public long? Length => data.Length;

        public Task<IByteReader> OpenAsync(long offset, CancellationToken cancellationToken) => Task.FromResult<IByteReader>(new Reader(data, offset));

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }

    private sealed class Reader(byte[] data, long start) : IByteReader
    {
        private int _at = (int)start;

        public long Start => start;

        public ValueTask<ReadRun> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken)
        {
            int count = Math.Min(buffer.Length, data.Length - _at);
            data.AsMemory(_at, count).CopyTo(buffer);
            _at += count;
            return ValueTask.FromResult(new ReadRun(count, 0));
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
