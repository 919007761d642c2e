using Xunit;

namespace ImageCache.Engine.Tests.Fetch.Guarantees;

/// <summary>Tests that are the same wherever the bytes come from; a class for each method says from where.</summary>
public abstract class OriginTests : IAsyncDisposable
{
    private protected OriginTests(ByteOrigin origin) => Origin = origin;

    private protected ByteOrigin Origin { get; }

    private protected EngineBed Node => Origin.Node;

    private protected static CancellationToken Token => TestContext.Current.CancellationToken;

    public virtual async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        await Origin.DisposeAsync();
    }
}
