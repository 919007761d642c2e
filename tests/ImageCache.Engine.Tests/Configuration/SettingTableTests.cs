using System.Collections;
using System.Reflection;
using ImageCache.Engine.Configuration;
using Xunit;

namespace ImageCache.Engine.Tests.Configuration;

public sealed class SettingTableTests : IDisposable
{
    private readonly ConfigurationSandbox _machine = new();

    public void Dispose() => _machine.Dispose();

    /// <summary>For each setting: a text that is not its default, the property it goes to, and what it must become.</summary>
    public static TheoryData<string, string, string, object?> Samples => new()
    {
        { "cache_path", "/srv/cache", nameof(ImageCacheConfiguration.CachePath), "/srv/cache" },
        { "cloud", "north", nameof(ImageCacheConfiguration.Cloud), "north" },
        { "nova_conf", "/dev/null", nameof(ImageCacheConfiguration.NovaConfPaths), new[] { "/dev/null" } },
        { "token_cache_time", "0", nameof(ImageCacheConfiguration.TokenCacheTime), TimeSpan.Zero },
        { "method", "rbd-export", nameof(ImageCacheConfiguration.Method), FetchMethod.RbdExport },
        { "connect_timeout", "2.5", nameof(ImageCacheConfiguration.ConnectTimeout), TimeSpan.FromSeconds(2.5) },
        { "idle_timeout", "5m", nameof(ImageCacheConfiguration.IdleTimeout), TimeSpan.FromMinutes(5) },
        { "total_timeout", "2h", nameof(ImageCacheConfiguration.TotalTimeout), TimeSpan.FromHours(2) },
        { "transfer_timeout", "1d", nameof(ImageCacheConfiguration.TransferTimeout), TimeSpan.FromDays(1) },
        { "retries", "0", nameof(ImageCacheConfiguration.Retries), 0 },
        { "rate_limit", "50MiB/s", nameof(ImageCacheConfiguration.RateLimit), 50L << 20 },
        { "verify_rate_limit", "5MiB", nameof(ImageCacheConfiguration.VerifyRateLimit), 5L << 20 },
        { "throttle_limit", "7", nameof(ImageCacheConfiguration.ThrottleLimit), 7 },
        { "parallel_ranges", "3", nameof(ImageCacheConfiguration.ParallelRanges), 3 },
        { "force_raw_images", "no", nameof(ImageCacheConfiguration.ForceRawImages), false },
        { "rbd_export", "no", nameof(ImageCacheConfiguration.RbdExport), false },
        { "rbd_user", "compute", nameof(ImageCacheConfiguration.RbdUser), "compute" },
        { "rbd_ceph_conf", "/srv/ceph.conf", nameof(ImageCacheConfiguration.RbdCephConf), "/srv/ceph.conf" },
        { "rbd_pools", "glance,fast", nameof(ImageCacheConfiguration.RbdPools), new[] { "glance", "fast" } },
        { "rbd_connect_timeout", "2.5", nameof(ImageCacheConfiguration.RbdConnectTimeout), TimeSpan.FromSeconds(2.5) },
        { "volume_link", "off", nameof(ImageCacheConfiguration.VolumeLink), false },
        { "volume_in_use", "clone", nameof(ImageCacheConfiguration.VolumeInUse), VolumeInUse.Clone },
        { "volume_host", "node-7", nameof(ImageCacheConfiguration.VolumeHost), "node-7" },
        { "volume_address", "10.0.0.7", nameof(ImageCacheConfiguration.VolumeAddress), "10.0.0.7" },
        { "volume_multipath", "true", nameof(ImageCacheConfiguration.VolumeMultipath), true },
        { "volume_enforce_multipath", "true", nameof(ImageCacheConfiguration.VolumeEnforceMultipath), true },
        { "volume_python", "/opt/python", nameof(ImageCacheConfiguration.VolumePython), "/opt/python" },
        { "volume_root_helper", "sudo", nameof(ImageCacheConfiguration.VolumeRootHelper), "sudo" },
        { "volume_state_path", "/srv/volumes", nameof(ImageCacheConfiguration.VolumeStatePath), "/srv/volumes" },
        { "allowed_formats", "RAW, qcow2", nameof(ImageCacheConfiguration.AllowedFormats), new[] { "raw", "qcow2" } },
        { "allowed_visibilities", "public", nameof(ImageCacheConfiguration.AllowedVisibilities), new[] { "public" } },
        { "allowed_owners", "a,b", nameof(ImageCacheConfiguration.AllowedOwners), new[] { "a", "b" } },
        { "checksum", "require", nameof(ImageCacheConfiguration.RequireChecksum), true },
        { "allow_weak_digest", "false", nameof(ImageCacheConfiguration.AllowWeakDigest), false },
        { "signature", "require", nameof(ImageCacheConfiguration.Signature), SignaturePolicy.Require },
        { "trusted_certificates", "a,b", nameof(ImageCacheConfiguration.TrustedCertificates), new[] { "a", "b" } },
        { "certificate_validation", "yes", nameof(ImageCacheConfiguration.CertificateValidation), true },
        { "certificate_directory", "/srv/certificates", nameof(ImageCacheConfiguration.CertificateDirectory), "/srv/certificates" },
        { "maximum_size", "2TB", nameof(ImageCacheConfiguration.MaximumSize), 2_000_000_000_000 },
        { "minimum_free", "0", nameof(ImageCacheConfiguration.MinimumFree), 0L },
        { "maximum_virtual_size", "1T", nameof(ImageCacheConfiguration.MaximumVirtualSize), 1L << 40 },
        { "vmdk_allowed_types", "monolithicFlat", nameof(ImageCacheConfiguration.VmdkAllowedTypes), new[] { "monolithicFlat" } },
        { "qemu_img_cpu_time", "90", nameof(ImageCacheConfiguration.QemuImgCpuTime), TimeSpan.FromSeconds(90) },
        { "qemu_img_address_space", "4GiB", nameof(ImageCacheConfiguration.QemuImgAddressSpace), 4L << 30 },
        { "maintain_steps", "verify, Scan", nameof(ImageCacheConfiguration.MaintenanceSteps), new[] { MaintenanceStep.Verify, MaintenanceStep.Scan } },
        { "maintain_precache", "5", nameof(ImageCacheConfiguration.MaintenancePrecache), 5 },
        { "verify_slice", "1GiB", nameof(ImageCacheConfiguration.VerifySlice), 1L << 30 },
        { "verify_age", "30d", nameof(ImageCacheConfiguration.VerifyAge), TimeSpan.FromDays(30) },
        { "popularity_half_life", "30d", nameof(ImageCacheConfiguration.PopularityHalfLife), TimeSpan.FromDays(30) },
        { "precache_count", "25", nameof(ImageCacheConfiguration.PrecacheCount), 25 },
        { "precache_owners", "a,b", nameof(ImageCacheConfiguration.PrecacheOwners), new[] { "a", "b" } },
        { "precache_visibilities", "public", nameof(ImageCacheConfiguration.PrecacheVisibilities), new[] { "public" } },
        { "precache_jitter", "10m", nameof(ImageCacheConfiguration.PrecacheJitter), TimeSpan.FromMinutes(10) },
        { "event_log_size", "1MiB", nameof(ImageCacheConfiguration.EventLogSize), 1L << 20 },
        { "remove_unused_base_images", "no", nameof(RetentionPolicy.RemoveUnusedBaseImages), false },
        { "remove_unused_original_minimum_age_seconds", "100", nameof(RetentionPolicy.OriginalMinimumAge), TimeSpan.FromSeconds(100) },
        { "remove_unused_resized_minimum_age_seconds", "0", nameof(RetentionPolicy.ResizedMinimumAge), TimeSpan.Zero },
        { "prune_minimum_age", "30d", nameof(RetentionPolicy.MinimumAge), TimeSpan.FromDays(30) },
        { "prune_orphan_age", "2h", nameof(RetentionPolicy.OrphanAge), TimeSpan.FromHours(2) },
        { "prune_target_age", "3h", nameof(RetentionPolicy.TargetAge), TimeSpan.FromHours(3) },
        { "prune_quarantine", "yes", nameof(RetentionPolicy.Quarantine), true },
        { "prune_quarantine_grace", "1d", nameof(RetentionPolicy.QuarantineGrace), TimeSpan.FromDays(1) },
        { "prune_when_needed", "on", nameof(RetentionPolicy.WhenNeeded), true },
        { "prune_popular_score", "3", nameof(RetentionPolicy.PopularScore), 3 },
        { "prune_high_watermark", "90", nameof(RetentionPolicy.HighWatermark), 90 },
        { "prune_low_watermark", "80", nameof(RetentionPolicy.LowWatermark), 80 },
    };

    [Theory]
    [MemberData(nameof(Samples))]
    public void ASettingReachesItsPropertyAndIsShownAsItIs(string name, string text, string property, object? expected)
    {
        _machine.Parameters[name] = text;

        ImageCacheConfiguration configuration = _machine.Load();

        object holder = typeof(RetentionPolicy).GetProperty(property) is null ? configuration : configuration.Retention;
        Assert.Equal(expected, holder.GetType().GetProperty(property)!.GetValue(holder));
        EffectiveSetting setting = ConfigurationSandbox.Setting(configuration, name);
        Assert.Equal(SettingSource.Parameter, setting.Source);
        object? shown = setting.Value is string && expected is not string ? text.Replace("-", "", StringComparison.Ordinal) : expected;
        Assert.Equal(Comparable(shown)?.ToString(), Comparable(setting.Value)?.ToString(), ignoreCase: true);
        Assert.NotEqual(DefaultOf(name), Comparable(setting.Value));
    }

    [Fact]
    public void EverySettingHasASample()
        => Assert.Equal(SettingTable.Names.Order(), Samples.Select(static row => row.Data.Item1).Order());

    [Fact]
    public void EveryPropertyOfTheConfigurationCanBeSet()
    {
        IEnumerable<string> properties = typeof(ImageCacheConfiguration)
            .GetProperties(BindingFlags.Public | BindingFlags.Instance)
            .Concat(typeof(RetentionPolicy).GetProperties(BindingFlags.Public | BindingFlags.Instance))
            .Select(static property => property.Name)
            .Except([nameof(ImageCacheConfiguration.Retention), nameof(ImageCacheConfiguration.IsDefaultCachePath), nameof(ImageCacheConfiguration.Settings)]);

        Assert.Equal(properties.Order(), Samples.Select(static row => row.Data.Item3).Order());
    }

    [Fact]
    public void AShownValueCanBeWrittenBack()
    {
        ImageCacheConfiguration before = _machine.Load();
        foreach (EffectiveSetting setting in before.Settings.Where(static setting => setting.Value is not null))
        {
            _machine.Parameters[setting.Name] = Written(setting.Value!);
        }

        ImageCacheConfiguration after = _machine.Load();

        Assert.Equal(before.Settings.Select(static setting => Comparable(setting.Value)), after.Settings.Select(static setting => Comparable(setting.Value)));
    }

    private static object? DefaultOf(string name)
    {
        SettingLayers nothing = new([], NovaConf.None);
        ImageCacheConfiguration defaults = SettingTable.All.Aggregate(SettingTable.Defaults, (c, definition) => definition.Apply(c, nothing));
        return Comparable(ConfigurationSandbox.Setting(defaults, name).Value);
    }

    private static string Written(object value) => value switch
    {
        TimeSpan time => time.TotalSeconds.ToString(System.Globalization.CultureInfo.InvariantCulture),
        IReadOnlyList<string> { Count: 0 } => "none",
        IReadOnlyList<string> list => string.Join(',', list),
        _ => value.ToString()!,
    };

    private static object? Comparable(object? value) => value is IEnumerable list and not string ? string.Join(',', list.Cast<object>()) : value;
}
