using ImageCache.Engine.Ceph;
using ImageCache.Engine.Configuration;
using ImageCache.Engine.Diagnostics;
using ImageCache.Engine.Fetch;
using ImageCache.Engine.Formats;
using ImageCache.Engine.Handlers;
using ImageCache.Engine.Life;
using ImageCache.Engine.Life.Critical;
using ImageCache.Engine.Life.Disks;
using ImageCache.Engine.Life.Maintenance;
using ImageCache.Engine.Life.Popularity;
using ImageCache.Engine.Life.Precache;
using ImageCache.Engine.Life.Prune;
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
    private readonly CloudConnection _hastyCloud;

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
        CriticalStore criticals = new(Layout);
        BaseImageView view = new(Environment.MachineName, criticals);
        EventLog events = new(Directory, configuration.EventLogSize, time);
        UsageScanner usage = new(Layout, configuration.VolumeHost, time);
        TemporaryDirectoryFactory temporaries = new(Layout);
        LeftoverSweep leftovers = new(Layout);
        ProofKeeper proofs = new(Directory, Records, temporaries);
        BaseFileKeeper keeper = new(Directory, Cache, Records, proofs, temporaries, time);
        (Uses, Popularity) = UsesOfImages(configuration, usage, temporaries, time);
        UriSource uris = new(configuration, () => _publicHttp.Value);
        RecordRebuilder rebuilder = new(Layout, Cache, Records, temporaries, view, time);
        MethodSelector selector = new(
        [
            // Auto tries them in this order.
            .. options.MoreHandlers,
            VolumeLink(configuration, temporaries, time),
            new RbdExportHandler(_cephConnector, _logger),
            new DownloadHandler(configuration, Cloud),
        ]);
        Lister = new CacheLister(Directory, Cache, usage, view);
        BaseFileDeletion deletion = new(Layout, Records, selector, time);
        UnusedQuarantine unused = new(Layout, Records, temporaries, events, time);
        Remover = new BaseImageRemover(Directory, Lister, Cache, usage, deletion, view, criticals, events);
        Pruner = Pruning(usage, view, criticals, keeper, leftovers, deletion, unused, events, time);

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
        _hastyCloud = HastyCloud(options, configuration, time);
        SignatureTester = new SignatureTester(Directory, Cache, Cloud, _hastyCloud, signatures, hasher, cachedSource);
        PresentSignature presentSignature = new(configuration, signatures, cachedSource);
        PresentProof proof = new(content);
        UseNote uses = new(Records, temporaries, time);
        PresentImage present = new(configuration, Cache, Records, usage, quarantine, proof, presentSignature, new PresentLink(Layout, Records, selector), uses, unused);
        RoomCheck room = new(configuration, Cache, faults);
        AccessPolicy access = new(configuration, formats, new CallerProject(Cloud));
        NodeCheck = NodeChecks(configuration, qemuImg, access, room, selector, time);
        ImageFetcher fetcher = new(
            new ImageResolver(configuration, Cloud, uris, Records, Cache, request => selector.Prepare(request.Method ?? configuration.Method)),
            access,
            Directory,
            leftovers,
            present,
            temporaries,
            new ImageBringer(formats, methods, transfer, room),
            new ImageVerifier(configuration, signatures, formats, qemuImg),
            new RawConverter(configuration, qemuImg),
            new ImagePublication(Cache, Records, new Publisher(Layout, Records, time), present, content, signatures, time),
            faults,
            new FetchReport(view, events),
            Uses,
            time);
        Batch = new FetchBatch(fetcher);
        Precacher = new Precacher(
            configuration, Directory, Cache, new PrecacheChooser(configuration, Popularity, criticals, Cache, Cloud), Batch, time);

        IntegrityCheck check = new(
            Directory,
            Cache,
            Records,
            criticals,
            content,
            proofs,
            new GlanceComparison(configuration, Cloud, content),
            configuration.VerifyRateLimit is { } verifyRate ? new RateLimiter(verifyRate, time) : null,
            time);
        BaseTrust trust = new(configuration, proof, OfflineSignature(configuration, time), selector, formats, Cloud, uses);
        Targets = new TargetMaker(Directory, new BaseFormat(formats, qemuImg), new OverlayMaker(qemuImg), usage, temporaries, events, time);
        Disks = InstanceDisks(trust, formats, qemuImg, temporaries, view, events, time);
        IntegrityScan = new IntegrityScan(Directory, Cache, Records, criticals, check, events, time);
        IntegrityRepair = new IntegrityRepair(Directory, Cache, Records, criticals, rebuilder, usage, quarantine, fetcher, time);
        CriticalRegistry registry = new(configuration, Directory, Cache, criticals, access, temporaries, events, time);
        Critical = Criticals(configuration, criticals, registry, selector, check, keeper, new LockedTargets(Directory, Cache, Targets), time);
        Initializer = new CacheInitializer(Directory, leftovers, Records, Cache, rebuilder, selector, Critical.Initialization, configuration.ThrottleLimit, events);
        Maintenance = new MaintenanceRun(
            configuration,
            Directory,
            [
                new InitializeStep(Initializer),
                new ScanStep(usage, Uses),
                new CriticalStep(Critical),
                new PrecacheStep(configuration, Precacher),
                new PruneUnusedStep(configuration, Pruner),
                new VerifyStep(configuration, IntegrityScan, IntegrityRepair),
            ],
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

    public Pruner Pruner { get; }

    public CacheInitializer Initializer { get; }

    public SignatureTester SignatureTester { get; }

    public FetchBatch Batch { get; }

    public IntegrityScan IntegrityScan { get; }

    public IntegrityRepair IntegrityRepair { get; }

    public TargetMaker Targets { get; }

    public DiskMaker Disks { get; }

    /// <summary>Where uses of images are noted; a scan's report belongs there, too.</summary>
    public PopularityStore Uses { get; }

    public PopularityTeller Popularity { get; }

    public Precacher Precacher { get; }

    public CriticalParts Critical { get; }

    public NodeCheck NodeCheck { get; }

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
        _hastyCloud.Dispose();
        if (_publicHttp.IsValueCreated)
        {
            _publicHttp.Value.Dispose();
        }
    }

    private NodeCheck NodeChecks(
        ImageCacheConfiguration configuration, QemuImg qemuImg, AccessPolicy access, RoomCheck room, MethodSelector selector, TimeProvider time)
    {
        IReadOnlyList<Need> everyMethod =
        [
            .. new NovaNeeds(configuration).All,
            .. new CacheNeeds(configuration, Layout).All,
            .. new SystemNeeds(configuration, qemuImg, time).All,
            .. new CloudNeeds(configuration, Cloud, access, room).All,
        ];
        return new NodeCheck(everyMethod, selector, Cloud);
    }

    private Pruner Pruning(
        UsageScanner usage,
        BaseImageView view,
        CriticalStore critical,
        BaseFileKeeper keeper,
        LeftoverSweep leftovers,
        BaseFileDeletion deletion,
        UnusedQuarantine unused,
        EventLog events,
        TimeProvider time)
    {
        PruneCheck check = new(Layout, critical, new UsageWatch(usage), time);
        PruneExecutor executor = new(Directory, Cache, Records, check, deletion, unused, new PruneTouch(Layout, keeper, time), events);
        return new Pruner(
            Directory,
            new PruneInventory(Layout, Cache, Records),
            Cache,
            view,
            usage,
            critical,
            Uses,
            PrunePolicy.From(Configuration),
            leftovers,
            executor,
            time);
    }

    private VolumeLinkHandler VolumeLink(ImageCacheConfiguration configuration, TemporaryDirectoryFactory temporaries, TimeProvider time)
    {
        VolumeHoldStore holds = new(configuration.VolumeStatePath, Layout.CachePath);
        VolumeNode node = VolumeNode.From(configuration, holds.Root);
        OsBrick brick = new(node);
        VolumeAttacher attacher = new(Cloud, brick, new VolumeExporter(node), holds, time);
        VolumeLinks links = new(Layout, attacher, holds, _logger);
        LinkInitializer initializer = new(Directory, Cache, Records, temporaries, links, new StrayClones(configuration, Directory, links));
        return new VolumeLinkHandler(configuration, Cloud, new VolumeNeeds(configuration, node, brick, Cloud), links, initializer);
    }

    private DiskMaker InstanceDisks(
        BaseTrust trust, FormatPolicy formats, QemuImg qemuImg, TemporaryDirectoryFactory temporaries, BaseImageView view, EventLog events, TimeProvider time)
    {
        DiskWriter writer = new(new OverlayMaker(qemuImg), qemuImg, temporaries);
        return new DiskMaker(
            Directory, Lister, Cache, trust, new BaseFormat(formats, qemuImg), Targets, writer, new FlavorSizes(Cloud), view, events, time);
    }

    // Asks nobody: certificates of files and records only, and no source.
    private static PresentSignature OfflineSignature(ImageCacheConfiguration configuration, TimeProvider time)
    {
        CertificateSearch files = new(configuration.CertificateDirectory is { } directory ? [new DirectoryCertificates(directory)] : []);
        return new PresentSignature(configuration, new ImageSignatures(configuration, files, time), new CachedSource(hasher: null));
    }

    private (PopularityStore Uses, PopularityTeller Popularity) UsesOfImages(
        ImageCacheConfiguration configuration, UsageScanner usage, TemporaryDirectoryFactory temporaries, TimeProvider time)
    {
        ImageDescriber describer = new(
            Layout, Records, () => Cloud.RememberedImages().Select(static entry => new ImageFacts(entry.Id, entry.Name, null, null, entry.Size)));
        PopularityStore store = new(Directory, configuration, temporaries, describer, time);
        UseDecay decay = new(configuration.PopularityHalfLife);
        return (store, new PopularityTeller(Directory, Cache, usage, store, decay, Environment.MachineName, time));
    }

    private CriticalParts Criticals(
        ImageCacheConfiguration configuration,
        CriticalStore store,
        CriticalRegistry registry,
        MethodSelector selector,
        IntegrityCheck check,
        BaseFileKeeper keeper,
        ITargetMaker? targets,
        TimeProvider time)
    {
        CriticalView view = new(Layout, Cache);
        CriticalBringer bringer = new(Batch);
        CriticalSync sync = new(configuration, Directory, Cache, registry, view, bringer, check, keeper, time, targets);
        return new CriticalParts(
            registry,
            view,
            new CriticalRegistration(registry, view, sync),
            sync,
            new CriticalInitialization(Directory, Cache, store, view, bringer, selector, Reach),
            Reach);

        GlanceReach Reach() => new(_hastyCloud, Cloud);
    }

    // For questions that may remain open: one repeat, and no longer silence than a connection may take.
    private static CloudConnection HastyCloud(EngineOptions options, ImageCacheConfiguration configuration, TimeProvider time) => new(options, configuration, time)
    {
        Schedule = new RetrySchedule(Math.Min(configuration.Retries, 1), time),
        Patience = configuration.ConnectTimeout,
    };

    // Files first: they are there for nodes that cannot reach the key manager.
    private static CertificateSearch Certificates(ImageCacheConfiguration configuration, CloudConnection cloud, TimeProvider time)
        => configuration.CertificateDirectory is { } directory
            ? new CertificateSearch([new DirectoryCertificates(directory), new BarbicanCertificates(cloud, time)])
            : new CertificateSearch([new BarbicanCertificates(cloud, time)]);
}
