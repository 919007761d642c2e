namespace ImageCache.Engine.Configuration;

/// <summary>The options of nova.conf that matter to an image cache, with the older names that nova still reads.</summary>
internal static class NovaOptions
{
    /// <summary>nova's own default is a source directory; the distributions' packages say this.</summary>
    public static NovaOption StatePath { get; } = new(NovaOption.DefaultGroup, "state_path") { Default = "/var/lib/nova" };

    public static NovaOption InstancesPath { get; } = new(NovaOption.DefaultGroup, "instances_path") { Default = "$state_path/instances" };

    public static NovaOption SubdirectoryName { get; } = new("image_cache", "subdirectory_name")
    {
        Default = "_base",
        Deprecated = [new(NovaOption.DefaultGroup, "image_cache_subdirectory_name")],
    };

    public static NovaOption ForceRawImages { get; } = new(NovaOption.DefaultGroup, "force_raw_images");

    public static NovaOption VerifyGlanceSignatures { get; } = new("glance", "verify_glance_signatures");

    public static NovaOption EnableCertificateValidation { get; } = new("glance", "enable_certificate_validation");

    public static NovaOption DefaultTrustedCertificateIds { get; } = new("glance", "default_trusted_certificate_ids");

    public static NovaOption VmdkAllowedTypes { get; } = new("compute", "vmdk_allowed_types");

    public static NovaOption ImagesCpuTimeLimit { get; } = new("libvirt", "images_cpu_time_limit");

    public static NovaOption ImagesAddressSpaceLimit { get; } = new("libvirt", "images_address_space_limit");

    /// <summary>Not nova's own: the name that earlier tools put into nova.conf, in either section.</summary>
    public static NovaOption TemplateImageHandler { get; } = new(NovaOption.DefaultGroup, "template_image_handler")
    {
        Deprecated = [new("libvirt", "template_image_handler"), new("glance", "template_image_handler")],
    };

    public static NovaOption AllowedDirectUrlSchemes { get; } = new("glance", "allowed_direct_url_schemes");

    public static NovaOption EnableRbdDownload { get; } = new("glance", "enable_rbd_download");

    public static NovaOption RbdUser { get; } = new("glance", "rbd_user");

    public static NovaOption RbdCephConf { get; } = new("glance", "rbd_ceph_conf");

    public static NovaOption RbdPool { get; } = new("glance", "rbd_pool");

    public static NovaOption RbdConnectTimeout { get; } = new("glance", "rbd_connect_timeout");

    /// <summary>Where the disks of instances are in Ceph, too.</summary>
    public static NovaOption LibvirtRbdUser { get; } = new("libvirt", "rbd_user");

    public static NovaOption LibvirtCephConf { get; } = new("libvirt", "images_rbd_ceph_conf");

    public static NovaOption Host { get; } = new(NovaOption.DefaultGroup, "host");

    public static NovaOption MyIp { get; } = new(NovaOption.DefaultGroup, "my_ip");

    public static NovaOption VolumeUseMultipath { get; } = new("libvirt", "volume_use_multipath")
    {
        Deprecated = [new("libvirt", "iscsi_use_multipath")],
    };

    public static NovaOption VolumeEnforceMultipath { get; } = new("libvirt", "volume_enforce_multipath");

    /// <summary>The options that others refer to although no file names them.</summary>
    public static IReadOnlyList<NovaOption> WithDefaults { get; } = [StatePath, InstancesPath, SubdirectoryName];
}
