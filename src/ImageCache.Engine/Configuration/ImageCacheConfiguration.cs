namespace ImageCache.Engine.Configuration;

/// <summary>The settings in force, typed. Made by the configuration loader.</summary>
public sealed record ImageCacheConfiguration
{
    /// <summary>nova's <c>_base</c> directory: the cache.</summary>
    public required string CachePath { get; init; }

    /// <summary>Whether <see cref="CachePath"/> is the built-in default (no parameter, file or nova.conf named it).</summary>
    public bool IsDefaultCachePath { get; init; }

    /// <summary>The entry of clouds.yaml; <see langword="null"/> leaves the choice to the environment.</summary>
    public string? Cloud { get; init; }

    /// <summary>How long after its issue a token may be taken from the kernel's keyring; zero keeps none there.</summary>
    public TimeSpan TokenCacheTime { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>The longest wait for a connection.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The longest silence while an answer or its body is awaited.</summary>
    public TimeSpan IdleTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>The longest time for one request that is not a transfer, its repeats excluded.</summary>
    public TimeSpan TotalTimeout { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>The longest time for one whole transfer, its repeats included; <see langword="null"/> sets no limit.</summary>
    public TimeSpan? TransferTimeout { get; init; }

    /// <summary>Attempts after the first.</summary>
    public int Retries { get; init; } = 3;

    /// <summary>Bytes a second for all transfers of this process together; <see langword="null"/> sets no limit.</summary>
    public long? RateLimit { get; init; }

    /// <summary>Bytes a second at which cached files are read again; <see langword="null"/> sets no limit.</summary>
    public long? VerifyRateLimit { get; init; }

    /// <summary>What maintenance does.</summary>
    public IReadOnlyList<MaintenanceStep> MaintenanceSteps { get; init; } = Enum.GetValues<MaintenanceStep>();

    /// <summary>How many of the most popular images maintenance fetches.</summary>
    public int MaintenancePrecache { get; init; }

    /// <summary>Bytes that maintenance reads again in one run.</summary>
    public long VerifySlice { get; init; } = 20L << 30;

    /// <summary>How old a proof is before maintenance reads the file again.</summary>
    public TimeSpan VerifyAge { get; init; } = TimeSpan.FromDays(7);

    /// <summary>How many images are fetched at once.</summary>
    public int ThrottleLimit { get; init; } = 4;

    /// <summary>Connections of one transfer where the server honours ranges; <see langword="null"/> decides by measuring.</summary>
    public int? ParallelRanges { get; init; }

    /// <summary>Whether the cache keeps raw files (nova's force_raw_images).</summary>
    public bool ForceRawImages { get; init; } = true;

    /// <summary>The method when none is named.</summary>
    public FetchMethod Method { get; init; } = FetchMethod.Auto;

    /// <summary>Whether images may be read straight from Ceph (nova's enable_rbd_download, or allowed_direct_url_schemes with rbd).</summary>
    public bool RbdExport { get; init; } = true;

    /// <summary>The Ceph user, without <c>client.</c>; <see langword="null"/> is admin, as with the rbd command.</summary>
    public string? RbdUser { get; init; }

    /// <summary>The ceph.conf; <see langword="null"/> is what CEPH_CONF names, else Ceph's usual place.</summary>
    public string? RbdCephConf { get; init; }

    /// <summary>Ceph pools that images may be read from; <c>*</c> is every pool.</summary>
    public IReadOnlyList<string> RbdPools { get; init; } = ["images"];

    /// <summary>The longest wait for a connection to Ceph.</summary>
    public TimeSpan RbdConnectTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Whether images may be links to the Cinder volumes that hold them.</summary>
    public bool VolumeLink { get; init; } = true;

    /// <summary>What is done with an image's volume that only one node can have at a time.</summary>
    public VolumeInUse VolumeInUse { get; init; }

    /// <summary>This node's name to Cinder (nova's host).</summary>
    public string VolumeHost { get; init; } = Environment.MachineName;

    /// <summary>The address from which this node reaches the storage (nova's my_ip); <see langword="null"/> looks for it.</summary>
    public string? VolumeAddress { get; init; }

    /// <summary>Whether several paths to one volume become one device (nova's volume_use_multipath).</summary>
    public bool VolumeMultipath { get; init; }

    /// <summary>Whether to refuse rather than to do with one path when multipathd does not run (nova's volume_enforce_multipath).</summary>
    public bool VolumeEnforceMultipath { get; init; }

    /// <summary>The Python that has os-brick.</summary>
    public string VolumePython { get; init; } = "/usr/bin/python3";

    /// <summary>What a user who is not root runs os-brick's privileged part with.</summary>
    public string VolumeRootHelper { get; init; } = "sudo nova-rootwrap /etc/nova/rootwrap.conf";

    /// <summary>Where this node keeps what it holds of volumes: views, mounts, locks.</summary>
    public string VolumeStatePath { get; init; } = "/var/lib/imagecache/volumes";

    /// <summary>Disk formats that may be fetched.</summary>
    public IReadOnlyList<string> AllowedFormats { get; init; } =
        ["raw", "qcow2", "vmdk", "vhd", "vhdx", "vdi", "iso", "ami", "ari", "aki", "luks", "gpt", "ploop"];

    /// <summary>Visibilities that may be fetched.</summary>
    public IReadOnlyList<string> AllowedVisibilities { get; init; } = ["public", "community", "shared", "private"];

    /// <summary>Projects, besides the caller's, whose private images may be fetched; <c>*</c> is every project.</summary>
    public IReadOnlyList<string> AllowedOwners { get; init; } = [];

    /// <summary>Whether an image without any digest is refused.</summary>
    public bool RequireChecksum { get; init; }

    /// <summary>Whether an image with an MD5 only is accepted.</summary>
    public bool AllowWeakDigest { get; init; } = true;

    /// <summary>What is done about signatures (nova's verify_glance_signatures).</summary>
    public SignaturePolicy Signature { get; init; } = SignaturePolicy.VerifyIfPresent;

    /// <summary>The ids of trusted certificates (nova's default_trusted_certificate_ids): every intermediate and the root.</summary>
    public IReadOnlyList<string> TrustedCertificates { get; init; } = [];

    /// <summary>Whether a signer must be trusted even when no trusted certificate is named, so that none is (nova's enable_certificate_validation).</summary>
    public bool CertificateValidation { get; init; }

    /// <summary>Whether images without a valid signature are refused.</summary>
    internal bool RequireSignature => Signature == SignaturePolicy.Require;

    /// <summary>The ids of the certificates to trust; <see langword="null"/> does not ask for trust, none at all trusts nobody.</summary>
    internal IReadOnlyList<string>? TrustedIds => CertificateValidation || TrustedCertificates.Count > 0 ? TrustedCertificates : null;

    /// <summary>Where certificates lie as files named by their ids, for nodes that cannot reach Barbican; <see langword="null"/> asks Barbican only.</summary>
    public string? CertificateDirectory { get; init; }

    /// <summary>Bytes that the cache directory may hold in all; <see langword="null"/> sets no limit.</summary>
    public long? MaximumSize { get; init; }

    /// <summary>Bytes that must stay free on the cache's file system.</summary>
    public long MinimumFree { get; init; } = 32L << 20;

    /// <summary>The largest virtual size, in bytes, that is accepted; <see langword="null"/> sets no limit.</summary>
    public long? MaximumVirtualSize { get; init; }

    /// <summary>VMDK create types that may be opened (nova's vmdk_allowed_types).</summary>
    public IReadOnlyList<string> VmdkAllowedTypes { get; init; } = ["streamOptimized", "monolithicSparse"];

    /// <summary>CPU time that one <c>qemu-img info</c> may take (nova's images_cpu_time_limit).</summary>
    public TimeSpan QemuImgCpuTime { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Address space, in bytes, of a qemu-img process (nova's images_address_space_limit).</summary>
    public long QemuImgAddressSpace { get; init; } = 2L << 30;

    /// <summary>The largest size, in bytes, of events.jsonl before it is turned over.</summary>
    public long EventLogSize { get; init; } = 8L << 20;

    /// <summary>The time after which a use of an image counts half.</summary>
    public TimeSpan PopularityHalfLife { get; init; } = TimeSpan.FromDays(7);

    /// <summary>How many of the most popular images are brought when nothing else is said.</summary>
    public int PrecacheCount { get; init; } = 10;

    /// <summary>Projects whose images are brought for their popularity; empty, or <c>*</c>, is every project.</summary>
    public IReadOnlyList<string> PrecacheOwners { get; init; } = [];

    /// <summary>Visibilities of the images that are brought for their popularity.</summary>
    public IReadOnlyList<string> PrecacheVisibilities { get; init; } = ["public", "community", "shared"];

    /// <summary>The longest random delay before images are brought early.</summary>
    public TimeSpan PrecacheJitter { get; init; }

    /// <summary>What leaves the cache, and when.</summary>
    public RetentionPolicy Retention { get; init; } = new();

    /// <summary>The nova.conf files that were read, the earliest first; a later one wins.</summary>
    public IReadOnlyList<string> NovaConfPaths { get; init; } = [];

    /// <summary>Every setting with its origin, for people.</summary>
    public IReadOnlyList<EffectiveSetting> Settings { get; init; } = [];
}
