using ImageCache.Engine.Tests.Faults;

namespace ImageCache.Engine.Tests.Fetch.Guarantees;

/// <summary>A compute node whose images' bytes come by one method. What a fetch promises, it promises for each of them.</summary>
internal abstract class ByteOrigin : IAsyncDisposable
{
    public abstract EngineBed Node { get; }

    /// <summary>By which method what comes is recorded.</summary>
    public abstract BaseImageMethod Method { get; }

    /// <summary>How finely a test with many fetches may try: 1, or more where a fetch takes longer.</summary>
    public abstract int Step { get; }

    /// <summary>Puts an image where its bytes come from; another with the same id takes its place.</summary>
    public abstract Task<FakeImage> AddAsync(FakeImage image);

    /// <summary>Makes an image's next transfer go silent in its middle, where that has to be said before.</summary>
    public abstract void PrepareSilence(FakeImage image);

    /// <summary>Lets nobody answer any more until the result is disposed of.</summary>
    public abstract Task<IAsyncDisposable> SilenceAsync();

    /// <summary>Who brought the bytes of an image, and that Glance was asked for them so many times.</summary>
    public abstract void AssertMoved(FakeImage image, int times);

    /// <summary>The processes of this machine that work for this node.</summary>
    public IReadOnlyList<RunningCommand> Children() => RunningCommand.Of([Node.Layout.TemporaryPath, .. Marks]);

    public abstract ValueTask DisposeAsync();

    /// <summary>What else the command lines of processes that work for this node hold.</summary>
    protected virtual IEnumerable<string> Marks => [];
}
