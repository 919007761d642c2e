using ImageCache.Engine.Ceph;
using ImageCache.Engine.Configuration;
using ImageCache.Engine.Fetch;
using ImageCache.Engine.Formats;
using ImageCache.Engine.Handlers;
using ImageCache.Engine.Life;
using ImageCache.Engine.Life.Maintenance;
using ImageCache.Engine.Life.Usage;
using ImageCache.Engine.OpenStack;
using ImageCache.Engine.OpenStack.Http;
using ImageCache.Engine.Sources;
using ImageCache.Engine.Store;
using ImageCache.Engine.Transfer;
using ImageCache.Engine.Trust;
using ImageCache.Engine.Volumes;
using Microsoft.Extensions.Logging;

namespace ImageCache.Engine;

/// <summary>Puts the engine together, once for each engine. Nothing here does any work yet.</summary>
internal sealed class EngineParts : IAsyncDisposable
{
    private readonly Lazy<ServiceHttp> _publicHttp;
    private readonly ILogger _logger;
    private readonly CephConnector _cephConnector;

    public EngineParts(EngineOptions options, ImageCacheConfiguration configuration, TimeProvider time)
    {
        Configuration = configuration;
        _logger = options.LoggerFactory.CreateLogger<EngineParts>();
        Layout = new CacheLayout(configuration.CachePath);
        Directory = new CacheDirectory(Layout, mayCreate: configuration.IsDefaultCachePath);
        Records = new RecordStore(Layout);
        Cache = new CacheReader(Layout, Records);
        RetrySchedule schedule = new(configuration.Retries, time);
        Cloud = new CloudConnection(options, configuration, time) { Schedule = schedule };
        _publicHttp = new Lazy<ServiceHttp>(() => new ServiceHttp(ServiceHttpOptions.From(configuration), schedule, options.LoggerFactory));

        Ceph = new CephNode(configuration, options.Environment) { HasLibrary = options.HasRbdLibrary };
        _cephConnector = new CephConnector(Ceph);
        BaseImageView view = new(Environment.MachineName);
        EventLog events = new(Directory, configuration.EventLogSize, time);
        UsageScanner usage = new(Layout);
        TemporaryDirectoryFactory temporaries = new(Layout);
        LeftoverSweep leftovers = new(Layout);
        UriSource uris = new(configuration, () => _publicHttp.Value);
        RecordRebuilder rebuilder = new(Layout, Cache, Records, temporaries, view, time);
        MethodSelector selector = new(
            [new DownloadHandler(configuration, Cloud), new RbdExportHandler(_cephConnector, _logger), VolumeLink(configuration, temporaries, time)]);
        Lister = new CacheLister(Directory, Cache, usage, view);
        Remover = new BaseImageRemover(Directory, Lister, Cache, Records, usage, selector, view, events, time);
        Initializer = new CacheInitializer(Directory, leftovers, Records, Cache, rebuilder, selector, events);

        FormatPolicy formats = FormatPolicy.From(configuration);
        QemuImg qemuImg = new(configuration);
        CacheFaults faults = new(Directory);
        RateLimiter? limiter = configuration.RateLimit is { } rate ? new RateLimiter(rate, time) : null;
        MethodAttempts methods = new(configuration, selector, uris);
        ImageTransfer transfer = new(configuration, schedule, limiter, time);
        ContentCheck content = new(time);
        Quarantine quarantine = new(Layout, Records, events, time);
        ImageSignatures signatures = new(configuration, Certificates(configuration, Cloud, time), time);
        SourceHasher hasher = new(methods, transfer);
        CachedSource cachedSource = new(hasher);
        SignatureTester = new SignatureTester(Directory, Cache, Cloud, signatures, hasher, cachedSource);
        PresentSignature presentSignature = new(configuration, signatures, cachedSource);
        PresentImage present = new(configuration, Cache, Records, usage, quarantine, content, presentSignature, new PresentLink(Layout, Records, selector), time);
        ImageFetcher fetcher = new(
            new ImageResolver(configuration, Cloud, uris, Records, Cache, request => selector.Prepare(request.Method ?? configuration.Method)),
            new AccessPolicy(configuration, formats, new CallerProject(Cloud)),
            Directory,
            leftovers,
            present,
            temporaries,
            new ImageBringer(formats, methods, transfer, new RoomCheck(configuration, Cache, faults)),
            new ImageVerifier(configuration, signatures, formats, qemuImg),
            new RawConverter(configuration, qemuImg),
            new ImagePublication(Cache, Records, new Publisher(Layout, Records, time), present, content, signatures, time),
            faults,
            new FetchReport(view, events),
            time);
        Batch = new FetchBatch(fetcher);

        IntegrityCheck check = new(
            Directory,
            Cache,
            Records,
            content,
            new ProofKeeper(Directory, Records, temporaries),
            new GlanceComparison(configuration, Cloud, content),
            configuration.VerifyRateLimit is { } verifyRate ? new RateLimiter(verifyRate, time) : null,
            time);
        IntegrityScan = new IntegrityScan(Directory, Cache, Records, check, events, time);
        IntegrityRepair = new IntegrityRepair(Directory, Cache, Records, rebuilder, usage, quarantine, fetcher, time);
        Maintenance = new MaintenanceRun(
            configuration,
            Directory,
            [new InitializeStep(Initializer), new VerifyStep(configuration, IntegrityScan, IntegrityRepair)],
            time);
    }

    public ImageCacheConfiguration Configuration { get; }

    public CacheLayout Layout { get; }

    public CacheDirectory Directory { get; }

    public RecordStore Records { get; }

    public CacheReader Cache { get; }

    public CloudConnection Cloud { get; }

    public CephNode Ceph { get; }

    public CacheLister Lister { get; }

    public BaseImageRemover Remover { get; }

    public CacheInitializer Initializer { get; }

    public SignatureTester SignatureTester { get; }

    public FetchBatch Batch { get; }

    public IntegrityScan IntegrityScan { get; }

    public IntegrityRepair IntegrityRepair { get; }

    public MaintenanceRun Maintenance { get; }

    /// <summary>Says among the settings whether this node can read from Ceph.</summary>
    public EffectiveSetting RbdExportReadiness() => new()
    {
        Name = "rbd_export_on_this_node",
        Value = Ceph.Readiness(),
        Source = Configuration.Settings.First(static setting => setting.Name == SettingTable.RbdExportName).Source,
        Description = "Whether RbdExport is possible here, and if not, what is missing; follows from the other rbd settings and cannot be set.",
    };

    /// <summary>Says in the log, for who listens, what this node can do.</summary>
    public void TellReadiness()
    {
        if (_logger.IsEnabled(LogLevel.Information))
        {
            string readiness = Ceph.Readiness();
            CephLog.Readiness(_logger, readiness);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _cephConnector.DisposeAsync().ConfigureAwait(false);
        Cloud.Dispose();
        if (_publicHttp.IsValueCreated)
        {
            _publicHttp.Value.Dispose();
        }
    }

    private VolumeLinkHandler VolumeLink(ImageCacheConfiguration configuration, TemporaryDirectoryFactory temporaries, TimeProvider time)
    {
        VolumeHoldStore holds = new(configuration.VolumeStatePath, Layout.CachePath);
        VolumeNode node = VolumeNode.From(configuration, holds.Root);
        VolumeAttacher attacher = new(Cloud, new OsBrick(node), new VolumeExporter(node), holds, time);
        VolumeLinks links = new(Layout, attacher, holds, _logger);
        return new VolumeLinkHandler(configuration, Cloud, node, links, new LinkInitializer(Directory, Cache, Records, temporaries, links));
    }

    // Files first: they are there for nodes that cannot reach the key manager.
    private static CertificateSearch Certificates(ImageCacheConfiguration configuration, CloudConnection cloud, TimeProvider time)
        => configuration.CertificateDirectory is { } directory
            ? new CertificateSearch([new DirectoryCertificates(directory), new BarbicanCertificates(cloud, time)])
            : new CertificateSearch([new BarbicanCertificates(cloud, time)]);
}
