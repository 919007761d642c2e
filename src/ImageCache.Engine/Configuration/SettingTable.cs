namespace ImageCache.Engine.Configuration;

/// <summary>Every setting there is. Reading, checking and showing the configuration all go by this table.</summary>
internal static class SettingTable
{
    /// <summary>The name of the setting that is read before the others.</summary>
    public const string NovaConfName = "nova_conf";

    /// <summary>The name of the setting that the environment may decide without naming it.</summary>
    public const string CloudName = "cloud";

    /// <summary>The name of the setting that has a parameter of its own.</summary>
    public const string CachePathName = "cache_path";

    /// <summary>The name of the setting that allows reading from Ceph.</summary>
    public const string RbdExportName = "rbd_export";

    /// <summary>The name of the setting that says what is done about signatures; the front ends set it.</summary>
    public const string SignatureName = "signature";

    /// <summary>The name of the setting with the trusted certificates; the front ends set it.</summary>
    public const string TrustedCertificatesName = "trusted_certificates";

    private const string Require = "require";
    private const string Ignore = "ignore";
    private const string VerifyIfPresent = "verify_if_present";
    private const string AllowUnverifiable = "allow_unverifiable";

    // Above the table, which is built from them: static members are initialized in the order of the text.
    private static readonly SettingFormat<FetchMethod> Method =
        SettingFormats.Choice(Array.ConvertAll(Enum.GetValues<FetchMethod>(), static method => (method.ToString(), method)));

    private static readonly SettingFormat<bool> Checksum = SettingFormats.Choice((Require, true), (AllowUnverifiable, false));

    private static readonly SettingFormat<SignaturePolicy> Signature = SettingFormats.Choice(
        (Ignore, SignaturePolicy.Ignore), (VerifyIfPresent, SignaturePolicy.VerifyIfPresent), (Require, SignaturePolicy.Require));

    /// <summary>What holds when nothing is configured.</summary>
    public static ImageCacheConfiguration Defaults { get; } = new() { CachePath = "/var/lib/imagecache/_base", IsDefaultCachePath = true };

    /// <summary>The settings, in the order in which they are shown.</summary>
    public static IReadOnlyList<SettingDefinition> All { get; } =
    [
        .. Places(), .. Transfers(), .. Ceph(), .. VolumeSettings.All(), .. Policy(), .. Signatures(), .. Limits(), .. PopularitySettings.All, .. RetentionSettings.All(),
        .. MaintenanceSettings.All(),
    ];

    /// <summary>The names of all settings.</summary>
    public static IEnumerable<string> Names => All.Select(static definition => definition.Name);

    /// <summary>Finds a setting.</summary>
    public static SettingDefinition? Find(string name) => All.FirstOrDefault(definition => definition.Name == name);

    private static IEnumerable<SettingDefinition> Places() =>
    [
        new SettingDefinition<string>(CachePathName, "The directory of base images: nova's _base.", SettingFormats.Path)
        {
            Get = static c => c.CachePath,
            Set = static (c, value) => c with { CachePath = value, IsDefaultCachePath = false },
            FromNova = NovaSource.CachePath,
        },
        new SettingDefinition<string?>(CloudName, "The entry of clouds.yaml; empty leaves the choice to OS_CLOUD and the OS_* variables.", SettingFormats.Name)
        {
            Get = static c => c.Cloud,
            Set = static (c, value) => c with { Cloud = value },
            OtherVariables = ["OS_CLOUD"],
        },
        new SettingDefinition<TimeSpan>(
            "token_cache_time", "How long the next command may use a login's token, which the kernel's keyring keeps; 0 keeps none.", SettingFormats.TimeOrNone)
        {
            Get = static c => c.TokenCacheTime,
            Set = static (c, value) => c with { TokenCacheTime = value },
        },
        new SettingDefinition<IReadOnlyList<string>>(NovaConfName, "The nova.conf to read, or several, of which a later wins, or none.", SettingFormats.Paths)
        {
            Get = static c => c.NovaConfPaths,
            Set = static (c, value) => c with { NovaConfPaths = value },
        },
    ];

    private static IEnumerable<SettingDefinition> Transfers() =>
    [
        new SettingDefinition<FetchMethod>("method", "How images are fetched when no method is named.", Method)
        {
            Get = static c => c.Method,
            Set = static (c, value) => c with { Method = value },
            FromNova = NovaSource.Option(NovaOptions.TemplateImageHandler, Method),
            Show = static value => value.ToString(),
        },
        new SettingDefinition<TimeSpan>("connect_timeout", "The longest wait for a connection.", SettingFormats.Time)
        {
            Get = static c => c.ConnectTimeout,
            Set = static (c, value) => c with { ConnectTimeout = value },
        },
        new SettingDefinition<TimeSpan>("idle_timeout", "The longest silence while an answer or its data are awaited.", SettingFormats.Time)
        {
            Get = static c => c.IdleTimeout,
            Set = static (c, value) => c with { IdleTimeout = value },
        },
        new SettingDefinition<TimeSpan>("total_timeout", "The longest time for one request that is not a transfer.", SettingFormats.Time)
        {
            Get = static c => c.TotalTimeout,
            Set = static (c, value) => c with { TotalTimeout = value },
        },
        new SettingDefinition<TimeSpan?>("transfer_timeout", "The longest time for one whole transfer, or none.", SettingFormats.TimeLimit)
        {
            Get = static c => c.TransferTimeout,
            Set = static (c, value) => c with { TransferTimeout = value },
        },
        new SettingDefinition<int>("retries", "Attempts after the first.", SettingFormats.Count(0, 100))
        {
            Get = static c => c.Retries,
            Set = static (c, value) => c with { Retries = value },
        },
        new SettingDefinition<long?>("rate_limit", "Bytes a second for all transfers of one process together, or none.", SettingFormats.RateLimit)
        {
            Get = static c => c.RateLimit,
            Set = static (c, value) => c with { RateLimit = value },
        },
        new SettingDefinition<long?>("verify_rate_limit", "Bytes a second at which cached files are read again to be compared with their digests, or none.", SettingFormats.RateLimit)
        {
            Get = static c => c.VerifyRateLimit,
            Set = static (c, value) => c with { VerifyRateLimit = value },
        },
        new SettingDefinition<int>("throttle_limit", "How many images are fetched at once.", SettingFormats.Count(1, 64))
        {
            Get = static c => c.ThrottleLimit,
            Set = static (c, value) => c with { ThrottleLimit = value },
        },
        new SettingDefinition<int?>("parallel_ranges", "Connections of one transfer where the server honours ranges, or auto.", SettingFormats.CountOrAuto(1, 16))
        {
            Get = static c => c.ParallelRanges,
            Set = static (c, value) => c with { ParallelRanges = value },
        },
        new SettingDefinition<bool>("force_raw_images", "Whether the cache keeps raw files, converting what is not.", SettingFormats.Flag)
        {
            Get = static c => c.ForceRawImages,
            Set = static (c, value) => c with { ForceRawImages = value },
            FromNova = NovaSource.Option(NovaOptions.ForceRawImages, SettingFormats.Flag),
        },
    ];

    private static IEnumerable<SettingDefinition> Ceph() =>
    [
        new SettingDefinition<bool>(RbdExportName, "Whether images may be read straight from Ceph.", SettingFormats.Flag)
        {
            Get = static c => c.RbdExport,
            Set = static (c, value) => c with { RbdExport = value },
            FromNova = NovaSource.RbdExport,
        },
        new SettingDefinition<string?>("rbd_user", "The Ceph user, without 'client.'; empty is admin, as with the rbd command.", SettingFormats.Name)
        {
            Get = static c => c.RbdUser,
            Set = static (c, value) => c with { RbdUser = value },
            FromNova = NovaSource.FirstOf(SettingFormats.Name, NovaOptions.RbdUser, NovaOptions.LibvirtRbdUser),
        },
        new SettingDefinition<string?>("rbd_ceph_conf", "The ceph.conf; empty is CEPH_CONF or Ceph's usual place.", SettingFormats.OptionalPath)
        {
            Get = static c => c.RbdCephConf,
            Set = static (c, value) => c with { RbdCephConf = value },
            FromNova = NovaSource.FirstOf(SettingFormats.OptionalPath, NovaOptions.RbdCephConf, NovaOptions.LibvirtCephConf),
        },
        new SettingDefinition<IReadOnlyList<string>>("rbd_pools", "Ceph pools that images may be read from; * is every pool.", SettingFormats.Words)
        {
            Get = static c => c.RbdPools,
            Set = static (c, value) => c with { RbdPools = value },
            FromNova = NovaSource.FirstOf(SettingFormats.Words, NovaOptions.RbdPool),
        },
        new SettingDefinition<TimeSpan>("rbd_connect_timeout", "The longest wait for a connection to Ceph.", SettingFormats.Time)
        {
            Get = static c => c.RbdConnectTimeout,
            Set = static (c, value) => c with { RbdConnectTimeout = value },
            FromNova = NovaSource.RbdConnectTimeout,
        },
    ];

    private static IEnumerable<SettingDefinition> Policy() =>
    [
        new SettingDefinition<IReadOnlyList<string>>("allowed_formats", "Disk formats that may be fetched.", SettingFormats.WordsOf(Defaults.AllowedFormats))
        {
            Get = static c => c.AllowedFormats,
            Set = static (c, value) => c with { AllowedFormats = value },
        },
        new SettingDefinition<IReadOnlyList<string>>("allowed_visibilities", "Visibilities that may be fetched.", SettingFormats.WordsOf(Defaults.AllowedVisibilities))
        {
            Get = static c => c.AllowedVisibilities,
            Set = static (c, value) => c with { AllowedVisibilities = value },
        },
        new SettingDefinition<IReadOnlyList<string>>(
            "allowed_owners", "Projects, besides the caller's, whose private images may be fetched; * is every project.", SettingFormats.Words)
        {
            Get = static c => c.AllowedOwners,
            Set = static (c, value) => c with { AllowedOwners = value },
        },
        new SettingDefinition<bool>("checksum", "require refuses an image without any digest; allow_unverifiable warns.", Checksum)
        {
            Get = static c => c.RequireChecksum,
            Set = static (c, value) => c with { RequireChecksum = value },
            Show = static value => value ? Require : AllowUnverifiable,
        },
        new SettingDefinition<bool>("allow_weak_digest", "Whether an image with an MD5 only is accepted.", SettingFormats.Flag)
        {
            Get = static c => c.AllowWeakDigest,
            Set = static (c, value) => c with { AllowWeakDigest = value },
        },
    ];

    private static IEnumerable<SettingDefinition> Signatures() =>
    [
        new SettingDefinition<SignaturePolicy>(
            SignatureName, "require refuses images without a valid signature; verify_if_present judges those that are there; ignore does not look.", Signature)
        {
            Get = static c => c.Signature,
            Set = static (c, value) => c with { Signature = value },
            FromNova = NovaSource.Signature,
            Show = static value => value switch
            {
                SignaturePolicy.Require => Require,
                SignaturePolicy.Ignore => Ignore,
                _ => VerifyIfPresent,
            },
        },
        new SettingDefinition<IReadOnlyList<string>>(
            TrustedCertificatesName, "Ids of the certificates that signers must lead to: every intermediate and the root.", SettingFormats.Words)
        {
            Get = static c => c.TrustedCertificates,
            Set = static (c, value) => c with { TrustedCertificates = value },
            FromNova = NovaSource.TrustedCertificates,
        },
        new SettingDefinition<bool>(
            "certificate_validation", "Whether signers must be trusted also when trusted_certificates names none, so that none is.", SettingFormats.Flag)
        {
            Get = static c => c.CertificateValidation,
            Set = static (c, value) => c with { CertificateValidation = value },
            FromNova = NovaSource.Option(NovaOptions.EnableCertificateValidation, SettingFormats.Flag),
        },
        new SettingDefinition<string?>(
            "certificate_directory", "A directory of certificates as files named by their ids, looked at before Barbican is asked.", SettingFormats.OptionalPath)
        {
            Get = static c => c.CertificateDirectory,
            Set = static (c, value) => c with { CertificateDirectory = value },
        },
    ];

    private static IEnumerable<SettingDefinition> Limits() =>
    [
        new SettingDefinition<long?>("maximum_size", "Bytes that the cache directory may hold in all, or none.", SettingFormats.SizeLimit)
        {
            Get = static c => c.MaximumSize,
            Set = static (c, value) => c with { MaximumSize = value },
        },
        new SettingDefinition<long>("minimum_free", "Bytes that must stay free on the cache's file system.", SettingFormats.Size())
        {
            Get = static c => c.MinimumFree,
            Set = static (c, value) => c with { MinimumFree = value },
        },
        new SettingDefinition<long?>("maximum_virtual_size", "The largest virtual size, in bytes, that is accepted, or none.", SettingFormats.SizeLimit)
        {
            Get = static c => c.MaximumVirtualSize,
            Set = static (c, value) => c with { MaximumVirtualSize = value },
        },
        new SettingDefinition<IReadOnlyList<string>>("vmdk_allowed_types", "VMDK create types that may be opened.", SettingFormats.Words)
        {
            Get = static c => c.VmdkAllowedTypes,
            Set = static (c, value) => c with { VmdkAllowedTypes = value },
            FromNova = NovaSource.Option(NovaOptions.VmdkAllowedTypes, SettingFormats.Words),
        },
        new SettingDefinition<TimeSpan>("qemu_img_cpu_time", "CPU time that one qemu-img info may take.", SettingFormats.Time)
        {
            Get = static c => c.QemuImgCpuTime,
            Set = static (c, value) => c with { QemuImgCpuTime = value },
            FromNova = NovaSource.Option(NovaOptions.ImagesCpuTimeLimit, NovaSource.Seconds),
        },
        new SettingDefinition<long>("qemu_img_address_space", "Address space, in bytes, of a qemu-img process.", SettingFormats.Size(minimum: 64 << 20))
        {
            Get = static c => c.QemuImgAddressSpace,
            Set = static (c, value) => c with { QemuImgAddressSpace = value },
            FromNova = NovaSource.Option(NovaOptions.ImagesAddressSpaceLimit, NovaSource.Gibibytes),
        },
        new SettingDefinition<long>("event_log_size", "The largest size, in bytes, of events.jsonl before it is turned over.", SettingFormats.Size(minimum: 64 << 10))
        {
            Get = static c => c.EventLogSize,
            Set = static (c, value) => c with { EventLogSize = value },
        },
    ];
}
