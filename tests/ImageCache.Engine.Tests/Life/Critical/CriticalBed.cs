using ImageCache.Engine.Life.Critical;
using ImageCache.Engine.Requests;
using ImageCache.Engine.Store;
using Xunit;

namespace ImageCache.Engine.Tests.Life.Critical;

/// <summary>A node with critical images, used through the front door.</summary>
internal sealed class CriticalBed : IAsyncDisposable
{
    public EngineBed Node { get; } = new();

    public string ListPath => Path.Join(Node.Layout.PrivatePath, CacheLayout.CriticalName);

    public CriticalStore List => new(Node.Layout);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => Node.DisposeAsync();

    public async Task<IReadOnlyList<CriticalOutcome>> TryRegisterAsync(params CriticalRequest[] requests)
        => await Node.Open().RegisterCriticalAsync(requests, 2, Node.Monitor, Token).ToListAsync(Token);

    public Task<CriticalImage> RegisterAsync(string image, bool fetch = true) => RegisterAsync(new CriticalRequest { Image = image, Fetch = fetch });

    public async Task<CriticalImage> RegisterAsync(CriticalRequest request)
    {
        CriticalOutcome outcome = Assert.Single(await TryRegisterAsync(request));
        Assert.True(outcome.Error is null, $"{outcome.Error?.ErrorId}: {outcome.Error}");
        return outcome.Image!;
    }

    public async Task<IReadOnlyList<CriticalOutcome>> TrySyncAsync(CriticalSyncRequest? request = null)
        => await Node.Open().SyncCriticalAsync(request ?? new CriticalSyncRequest(), Node.Monitor, Token).ToListAsync(Token);

    public async Task<CriticalImage> SyncAsync(CriticalSyncRequest? request = null)
    {
        CriticalOutcome outcome = Assert.Single(await TrySyncAsync(request));
        Assert.True(outcome.Error is null, $"{outcome.Error?.ErrorId}: {outcome.Error}");
        return outcome.Image!;
    }

    public CriticalImage Listed(string image) => Assert.Single(Node.Open().ListCritical(image));

    /// <summary>Nobody listens where the cloud was.</summary>
    public void CutOff()
    {
        Node.Variables["OS_AUTH_URL"] = "http://127.0.0.1:1/identity";
        Node.Settings["connect_timeout"] = "2";
    }
}
