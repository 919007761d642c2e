using ImageCache.Engine.Configuration;
using ImageCache.Engine.Native.Keyutils;
using ImageCache.Engine.OpenStack;
using ImageCache.Engine.OpenStack.Clouds;
using ImageCache.Engine.OpenStack.Http;
using ImageCache.Engine.Tests.Faults;

namespace ImageCache.Engine.Tests.OpenStack;

/// <summary>A <see cref="FakeCloud"/> and our connection to it, with waits that take no time and a home directory of its own.</summary>
internal sealed class TestCloud : IAsyncDisposable
{
    private readonly TestDirectory _home = new();

    public TestCloud(Action<Dictionary<string, string>>? environment = null, Func<ImageCacheConfiguration, ImageCacheConfiguration>? configure = null)
    {
        Dictionary<string, string> variables = Fake.Environment();
        variables["HOME"] = _home.FullPath;
        environment?.Invoke(variables);
        Options = new EngineOptions { Environment = variables, WorkingDirectory = _home.FullPath, LoggerFactory = Log };
        Configuration = new ImageCacheConfiguration { CachePath = _home.NewCache(), IdleTimeout = TimeSpan.FromSeconds(30), TokenCacheTime = TimeSpan.Zero };
        Configuration = configure?.Invoke(Configuration) ?? Configuration;
        Connection = Connect();
    }

    public FakeCloud Fake { get; } = FakeCloud.Start();

    public InstantTime Time { get; } = new();

    public LogLines Log { get; } = new();

    public EngineOptions Options { get; }

    public ImageCacheConfiguration Configuration { get; }

    public CloudConnection Connection { get; }

    public string Home => _home.FullPath;

    /// <summary>Another connection, as another process would have it.</summary>
    public CloudConnection Connect(Action<Dictionary<string, string>>? environment = null, IKeyring? keyring = null)
    {
        Dictionary<string, string> variables = new(Options.Environment);
        environment?.Invoke(variables);
        EngineOptions options = Options with { Environment = variables };
        return new CloudConnection(options, Configuration, Time)
        {
            Files = new CloudFiles(options) { Directories = [Home] },
            Schedule = new RetrySchedule(Configuration.Retries, Time),
            Keyring = keyring ?? new UserKeyring(),
        };
    }

    public async ValueTask DisposeAsync()
    {
        Connection.Dispose();
        await Fake.DisposeAsync();
        _home.Dispose();
    }
}
