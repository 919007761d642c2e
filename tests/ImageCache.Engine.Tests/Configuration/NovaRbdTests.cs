using ImageCache.Engine.Configuration;
using Xunit;

namespace ImageCache.Engine.Tests.Configuration;

/// <summary>What nova.conf says about reading images from Ceph.</summary>
public sealed class NovaRbdTests
{
    [Theory]
    [InlineData("[glance]\nenable_rbd_download = true\n", true)]
    [InlineData("[glance]\nallowed_direct_url_schemes = file, rbd\n", true)]
    [InlineData("[glance]\nenable_rbd_download = false\nallowed_direct_url_schemes = rbd\n", true)]
    [InlineData("[glance]\nenable_rbd_download = false\n", false)]
    [InlineData("[glance]\nallowed_direct_url_schemes = file\n", false)]
    [InlineData("[glance]\n", false)]
    public void ItIsAllowedAsNovaAllowsIt(string text, bool allowed)
        => Assert.Equal(allowed, Apply(text).RbdExport);

    [Fact]
    public void WithoutNovaItIsAllowed() => Assert.Null(NovaSource.RbdExport(NovaConf.None));

    [Fact]
    public void GlancesOptionsComeBeforeLibvirts()
    {
        ImageCacheConfiguration both = Apply("[glance]\nrbd_user = g\nrbd_ceph_conf = /g.conf\nrbd_pool = gp\nrbd_connect_timeout = 7\n[libvirt]\nrbd_user = l\nimages_rbd_ceph_conf = /l.conf\n");
        Assert.Equal(("g", "/g.conf", "gp", 7), (both.RbdUser, both.RbdCephConf, Assert.Single(both.RbdPools), both.RbdConnectTimeout.TotalSeconds));
        ImageCacheConfiguration libvirt = Apply("[glance]\nrbd_user =\nrbd_ceph_conf =\n[libvirt]\nrbd_user = l\nimages_rbd_ceph_conf = /l.conf\nimages_rbd_pool = vms\n");
        Assert.Equal(("l", "/l.conf", "images"), (libvirt.RbdUser, libvirt.RbdCephConf, Assert.Single(libvirt.RbdPools)));
    }

    [Theory]
    [InlineData("-1")]
    [InlineData("0")]
    public void NoTimeoutIsOurs(string value)
        => Assert.Equal(TimeSpan.FromSeconds(5), Apply($"[glance]\nrbd_connect_timeout = {value}\n").RbdConnectTimeout);

    private static ImageCacheConfiguration Apply(string text)
    {
        SettingLayers layers = new([], NovaConf.Parse(("nova.conf", text)));
        return SettingTable.All.Aggregate(SettingTable.Defaults, (configuration, definition) => definition.Apply(configuration, layers));
    }
}
