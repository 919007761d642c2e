using System.Net;
using ImageCache.Engine.Configuration;
using ImageCache.Engine.Volumes;
using Xunit;

namespace ImageCache.Engine.Tests.Volumes;

public sealed class VolumeNodeTests
{
    [Fact]
    public void ANodeIsWhatNovaSaysItIs()
    {
        SettingLayers layers = new([], NovaConf.Parse(("nova.conf", "[DEFAULT]\nhost = compute-7\nmy_ip = 10.1.2.3\n[libvirt]\niscsi_use_multipath = true\n")));
        ImageCacheConfiguration configuration = SettingTable.All.Aggregate(SettingTable.Defaults, (built, definition) => definition.Apply(built, layers));
        VolumeNode node = VolumeNode.From(configuration, "/srv/volumes");
        Assert.Equal(("compute-7", "10.1.2.3", true), (node.Host, node.Address, node.UsesMultipath));
    }

    [Fact]
    public void WithoutNovaItIsTheMachine()
    {
        VolumeNode node = VolumeNode.From(new ImageCacheConfiguration { CachePath = "/srv/_base", VolumeStatePath = "/srv/state" }, "/srv/state/0");
        Assert.Equal(Environment.MachineName, node.Host);
        Assert.True(IPAddress.TryParse(node.Address, out _), node.Address);
        Assert.Equal(("/srv/state/0/mnt", "/srv/state/locks"), (node.MountBase, node.LockPath));
    }
}
