using System.Collections.Concurrent;
using System.Text.Json;
using ImageCache.Engine.Native.Rbd;
using ImageCache.Engine.Requests;
using ImageCache.Engine.Store;
using ImageCache.Engine.Tests.Faults;
using Xunit;

namespace ImageCache.Engine.Tests;

/// <summary>
/// A compute node of one test: a cache, a cloud in memory and an engine on both, reached by the front door only. What the engine
/// does with its disk and its cloud can be looked at and twisted.
/// </summary>
internal sealed class EngineBed : IAsyncDisposable
{
    private readonly ConcurrentQueue<string> _warnings = new();
    private readonly List<ImageCacheEngine> _engines = [];

    public EngineBed()
    {
        Qemu.Require();
        CachePath = Directory.NewCache();
        Monitor = new OperationMonitor(_warnings.Enqueue);
    }

    public TestDirectory Directory { get; } = new();

    public FakeCloud Cloud { get; } = FakeCloud.Start();

    public FaultServer Server => Cloud.Server;

    /// <summary>The cache; set it before the first engine.</summary>
    public string CachePath { get; set; }

    /// <summary>Settings that win over all others; set them before the first engine.</summary>
    public Dictionary<string, string> Settings { get; } = new()
    {
        ["nova_conf"] = "none",
        ["retries"] = "3",
        ["connect_timeout"] = "5",
        ["idle_timeout"] = "20",
        ["minimum_free"] = "0",
        ["token_cache_time"] = "0",
    };

    /// <summary>Variables besides those of the cloud.</summary>
    public Dictionary<string, string> Variables { get; } = [];

    /// <summary>Whether the engine finds librbd; where it does not, the rbd command does its work.</summary>
    public bool HasRbdLibrary { get; set; } = RbdLibrary.IsPresent();

    public HastyTime Time { get; } = new();

    public OperationMonitor Monitor { get; }

    public IReadOnlyList<string> Warnings => [.. _warnings];

    public CacheLayout Layout => new(CachePath);

    public RecordStore Records => new(Layout);

    public EngineOptions Options => new()
    {
        CachePath = CachePath,
        Settings = Settings,
        WorkingDirectory = Directory.FullPath,
        Environment = Environment(),
        HasRbdLibrary = () => HasRbdLibrary,
    };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>A new engine with the settings of now. Repeats come without delay.</summary>
    public ImageCacheEngine Open(TimeProvider? time = null)
    {
        ImageCacheEngine engine = ImageCacheEngine.Open(Options, time ?? Time);
        _engines.Add(engine);
        return engine;
    }

    /// <summary>Fetches with a new engine.</summary>
    public async Task<FetchOutcome> TryFetchAsync(FetchRequest request, ImageCacheEngine? engine = null)
    {
        List<FetchOutcome> outcomes = [];
        await foreach (FetchOutcome outcome in (engine ?? Open()).FetchAsync([request], 1, Monitor, Token))
        {
            outcomes.Add(outcome);
        }

        return Assert.Single(outcomes);
    }

    public Task<FetchOutcome> TryFetchAsync(string image, bool force = false) => TryFetchAsync(new FetchRequest { Image = image, Force = force });

    /// <summary>Fetches what must succeed.</summary>
    public async Task<BaseImage> FetchAsync(FetchRequest request, ImageCacheEngine? engine = null)
    {
        FetchOutcome outcome = await TryFetchAsync(request, engine);
        Assert.True(outcome.Error is null, $"{outcome.Error?.ErrorId}: {outcome.Error}");
        return outcome.Image!;
    }

    public Task<BaseImage> FetchAsync(string image, bool force = false) => FetchAsync(new FetchRequest { Image = image, Force = force });

    public string BasePath(string imageId) => Layout.BasePath(CacheLayout.BaseName(imageId));

    public RecordReading RecordOf(string imageId) => Records.Read(CacheLayout.BaseName(imageId));

    /// <summary>Requests for an image's data so far.</summary>
    public int DataRequests(string imageId) => Server.CountOf("GET", FakeCloud.DataPath(imageId));

    /// <summary>What lies in tmp/.</summary>
    public IReadOnlyList<string> Leftovers()
        => System.IO.Directory.Exists(Layout.TemporaryPath) ? System.IO.Directory.GetFileSystemEntries(Layout.TemporaryPath) : [];

    /// <summary>The lines of the event log.</summary>
    public IReadOnlyList<JsonElement> Events()
        => File.Exists(Layout.EventsPath)
            ? [.. File.ReadAllLines(Layout.EventsPath).Select(static line => JsonDocument.Parse(line).RootElement)]
            : [];

    /// <summary>A fetch that failed left nothing: no base file, no record, no leftover; only the event that tells of it.</summary>
    public void AssertNothingLeft(string imageId, string errorId)
    {
        Assert.False(Path.Exists(BasePath(imageId)), "a base file was left");
        Assert.Equal(RecordState.Missing, RecordOf(imageId).State);
        Assert.Empty(Leftovers());
        AssertFailureTold(errorId);
    }

    public void AssertFailureTold(string errorId)
        => Assert.Contains(Events(), told => told.GetProperty("event").GetString() == "fetchFailed" && told.GetProperty("errorId").GetString() == errorId);

    /// <summary>The base file is whole and its record tells of it.</summary>
    public void AssertWhole(string imageId, ReadOnlySpan<byte> content)
    {
        byte[] bytes = File.ReadAllBytes(BasePath(imageId));
        Assert.True(content.SequenceEqual(bytes), $"the base file has {bytes.Length} bytes, and not those expected");
        RecordReading reading = RecordOf(imageId);
        Assert.Equal(RecordState.Valid, reading.State);
        Assert.Equal(content.Length, reading.Record!.Size);
        Assert.Empty(Leftovers());
    }

    /// <summary>The variables that the engine sees.</summary>
    public Dictionary<string, string> Environment()
    {
        Dictionary<string, string> variables = Cloud.Environment();
        variables["HOME"] = Directory["home"];
        variables["XDG_CONFIG_HOME"] = Directory["home/config"];
        variables["XDG_CACHE_HOME"] = Directory["home/cache"];
        foreach ((string name, string value) in Variables)
        {
            variables[name] = value;
        }

        return variables;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (ImageCacheEngine engine in _engines)
        {
            await engine.DisposeAsync();
        }

        await Cloud.DisposeAsync();
        Directory.Dispose();
    }
}
