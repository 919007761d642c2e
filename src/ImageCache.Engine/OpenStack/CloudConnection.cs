using ImageCache.Engine.Configuration;
using ImageCache.Engine.Native.Keyutils;
using ImageCache.Engine.OpenStack.Clouds;
using ImageCache.Engine.OpenStack.Compute;
using ImageCache.Engine.OpenStack.Http;
using ImageCache.Engine.OpenStack.Identity;
using ImageCache.Engine.OpenStack.Images;
using ImageCache.Engine.OpenStack.KeyManager;
using ImageCache.Engine.OpenStack.Local;
using ImageCache.Engine.OpenStack.Volumes;
using Microsoft.Extensions.Logging;

namespace ImageCache.Engine.OpenStack;

/// <summary>
/// A cloud as the engine uses it. Nothing is read and nobody is asked before something of it is needed, so that work without a
/// cloud needs no clouds.yaml. Members may be used at the same time.
/// </summary>
internal sealed class CloudConnection(EngineOptions options, ImageCacheConfiguration configuration, TimeProvider time) : IDisposable
{
    private readonly Lock _lock = new();
    private CloudConfiguration? _cloud;
    private ServiceHttp? _http;
    private KeystoneSession? _session;
    private GlanceClient? _glance;
    private CinderClient? _cinder;
    private string? _key;
    private volatile Silence? _silence;

    /// <summary>Where clouds are looked for; tests have their own.</summary>
    public CloudFiles Files { get; init; } = new(options);

    /// <summary>When requests are repeated; <see langword="null"/> does as configured.</summary>
    public RetrySchedule? Schedule { get; init; }

    /// <summary>The longest silence of a service, and the longest time for one question, where they are to be shorter than configured.</summary>
    public TimeSpan? Patience { get; init; }

    /// <summary>Where tokens are kept for other processes; tests have others.</summary>
    public IKeyring Keyring { get; init; } = new UserKeyring();

    /// <summary>The cloud's configuration.</summary>
    /// <exception cref="InvalidInputException">No cloud is configured, or its entry cannot be used.</exception>
    public CloudConfiguration Cloud => Once(ref _cloud, () => new CloudsYaml(options, Files).Choose(configuration.Cloud));

    /// <summary>The HTTP stack with this cloud's TLS settings.</summary>
    public ServiceHttp Http => Once(ref _http, () => new ServiceHttp(Cloud.Apply(Limit(ServiceHttpOptions.From(configuration))), Schedule, options.LoggerFactory));

    /// <summary>The login.</summary>
    public KeystoneSession Session => Once(ref _session, () => new KeystoneSession(Cloud, Http, time, options.LoggerFactory)
    {
        Cache = configuration.TokenCacheTime > TimeSpan.Zero
            ? new KeyringTokenCache(Cloud, Keyring, configuration.TokenCacheTime, time, options.LoggerFactory.CreateLogger<KeyringTokenCache>())
            : new NoTokenCache(),
        Issued = KeepIdentity,
        WhyNot = () => _silence?.ToError(),
    });

    /// <summary>The image service.</summary>
    public GlanceClient Glance => Once(ref _glance, () => new GlanceClient(Service(ServiceType.Image), Http, options.LoggerFactory));

    /// <summary>The key manager.</summary>
    public BarbicanClient KeyManager => new(Service(ServiceType.KeyManager), Http);

    /// <summary>The block storage service.</summary>
    public CinderClient Cinder => Once(ref _cinder, () => new CinderClient(Service(ServiceType.BlockStorage), Http, Session, time));

    /// <summary>The compute service's flavors.</summary>
    public FlavorClient Compute => new(Service(ServiceType.Compute));

    /// <summary>What searches last saw of this cloud.</summary>
    public ImageCatalogue Catalogue => new(Local, Key);

    /// <summary>The images that searches last saw of this cloud: none for want of a usable clouds.yaml, where that must stop nobody.</summary>
    public IReadOnlyList<CatalogueEntry> RememberedImages()
    {
        try
        {
            return Catalogue.Read();
        }
        catch (InvalidInputException)
        {
            return [];
        }
    }

    private UserCacheDirectory Local => new(options);

    private string Key => Once(ref _key, () => CloudKey.Of(Cloud));

    /// <summary>A client of another service.</summary>
    public ServiceClient Service(ServiceType type) => new(Cloud, type, Session, Http);

    /// <summary>Who we are: as the last login said, which may have been another process's; nobody is asked when that is known.</summary>
    public async Task<CloudIdentity> GetIdentityAsync(CancellationToken cancellationToken)
    {
        if (KeptIdentity() is { } kept)
        {
            return kept;
        }

        KeystoneToken token = await Session.GetTokenAsync(cancellationToken).ConfigureAwait(false);
        return new CloudIdentity(token.ProjectId, token.UserId);
    }

    /// <summary>Who we were at the last login; nobody is asked.</summary>
    /// <returns><see langword="null"/> when that is not known.</returns>
    /// <exception cref="InvalidInputException">No cloud is configured, or its entry cannot be used.</exception>
    public CloudIdentity? KeptIdentity() => new CloudIdentityFile(Local, Key).Read();
    /// <summary>Keystone is not asked for a token until what comes back is disposed: somebody found that it does not answer.</summary>
    public IDisposable GiveUp(ImageCacheException reason) => _silence = new Silence(reason, () => _silence = null);

    public void Dispose()
    {
        _session?.Dispose();
        _http?.Dispose();
    }

    private ServiceHttpOptions Limit(ServiceHttpOptions usual) => Patience is { } patience
        ? usual with
        {
            IdleTimeout = usual.IdleTimeout < patience ? usual.IdleTimeout : patience,
            TotalTimeout = usual.TotalTimeout < patience ? usual.TotalTimeout : patience,
        }
        : usual;

    private void KeepIdentity(KeystoneToken token) => new CloudIdentityFile(Local, Key).Keep(new CloudIdentity(token.ProjectId, token.UserId));

    // Unlike Lazy, a failure is not kept: each caller gets an error of its own.
    private T Once<T>(ref T? field, Func<T> make)
        where T : class
    {
        if (Volatile.Read(ref field) is { } made)
        {
            return made;
        }

        lock (_lock)
        {
            return field ??= make();
        }
    }
}
