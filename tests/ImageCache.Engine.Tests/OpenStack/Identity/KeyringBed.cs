using ImageCache.Engine.Native.Keyutils;
using ImageCache.Engine.OpenStack;
using ImageCache.Engine.OpenStack.Identity;
using Xunit;

namespace ImageCache.Engine.Tests.OpenStack.Identity;

/// <summary>
/// A cloud whose tokens are kept in the kernel's keyring of whoever runs the tests. Its URL is of this test alone, and what was kept leaves
/// with it. Without a keyring the test is skipped.
/// </summary>
internal sealed class KeyringBed : IAsyncDisposable
{
    private readonly List<CloudConnection> _connections = [];

    public KeyringBed(TimeSpan? life = null, Action<Dictionary<string, string>>? environment = null)
    {
        Require();
        Cloud = new TestCloud(environment, configuration => configuration with { TokenCacheTime = life ?? TimeSpan.FromMinutes(5) });
        _connections.Add(Cloud.Connection);
    }

    public TestCloud Cloud { get; }

    public UserKeyring Keyring { get; } = new();

    public int Logins => Cloud.Fake.TokenCount;

    /// <summary>Skips the test where there is no keyring, as in most containers.</summary>
    public static void Require()
    {
        string description = "imagecache:test-" + Guid.NewGuid();
        UserKeyring keyring = new();
        try
        {
            keyring.Write(description, "x"u8, TimeSpan.FromMinutes(1));
            keyring.Remove(description);
        }
        catch (IOException error)
        {
            Assert.Skip($"no keyring: {error.Message}");
        }
    }

    /// <summary>Another connection, as another process would have it.</summary>
    public CloudConnection Connect(Action<Dictionary<string, string>>? environment = null, IKeyring? keyring = null)
    {
        CloudConnection connection = Cloud.Connect(environment, keyring);
        _connections.Add(connection);
        return connection;
    }

    /// <summary>The token of another process.</summary>
    public Task<KeystoneToken> LogInAsync(Action<Dictionary<string, string>>? environment = null)
        => Connect(environment).Session.GetTokenAsync(TestContext.Current.CancellationToken);

    /// <summary>The name under which a connection's token is kept.</summary>
    public string Description(CloudConnection? connection = null) => LoginFacts.Description(LoginFacts.Write((connection ?? Cloud.Connection).Cloud));

    public byte[]? Payload() => Keyring.TryRead(Description(), 64 << 10);

    public async ValueTask DisposeAsync()
    {
        foreach (CloudConnection connection in _connections)
        {
            Keyring.Remove(Description(connection));
            connection.Dispose();
        }

        await Cloud.DisposeAsync();
    }
}
