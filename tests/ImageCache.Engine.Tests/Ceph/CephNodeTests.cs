using ImageCache.Engine.Ceph;
using ImageCache.Engine.Configuration;
using Xunit;

namespace ImageCache.Engine.Tests.Ceph;

/// <summary>What a node has for reading from Ceph; nobody is asked.</summary>
public sealed class CephNodeTests : IDisposable
{
    private readonly TestDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData(null, "client.admin")]
    [InlineData("nova", "client.nova")]
    [InlineData("client.nova", "client.nova")]
    public void The_user_is_named_as_Ceph_does(string? user, string whole)
        => Assert.Equal(whole, Node(new() { CachePath = "/x", RbdUser = user }).User);

    [Fact]
    public void The_ceph_conf_is_ours_then_that_of_CEPH_CONF()
    {
        string conf = _directory["ceph.conf"];
        File.WriteAllText(conf, "[global]\n");
        Assert.Equal("/own", Node(new() { CachePath = "/x", RbdCephConf = "/own" }, ("CEPH_CONF", conf)).ConfigurationPath());
        Assert.Equal(conf, Node(new() { CachePath = "/x" }, ("CEPH_CONF", $"/no/such/file, {conf}")).ConfigurationPath());
        Assert.Equal("/no/such/file", Node(new() { CachePath = "/x" }, ("CEPH_CONF", "/no/such/file")).ConfigurationPath());
    }

    [Fact]
    public void Pools_are_allowed_by_name()
    {
        Assert.True(Node(new() { CachePath = "/x" }).Allows("images"));
        Assert.False(Node(new() { CachePath = "/x" }).Allows("vms"));
        Assert.True(Node(new() { CachePath = "/x", RbdPools = ["*"] }).Allows("vms"));
    }

    [Fact]
    public void Everything_that_is_missing_is_told()
    {
        CephNode node = Node(new() { CachePath = "/x", RbdExport = false, RbdPools = [], RbdCephConf = "/no/such/file" });
        Assert.Collection(
            node.Missing(),
            static reason => Assert.Contains("not allowed", reason, StringComparison.Ordinal),
            static reason => Assert.Contains("rbd_pools", reason, StringComparison.Ordinal),
            static reason => Assert.Contains("/no/such/file", reason, StringComparison.Ordinal));
        Assert.StartsWith("not possible: ", node.Readiness(), StringComparison.Ordinal);
    }

    [Fact]
    public void The_keyring_is_the_one_that_the_ceph_conf_names()
    {
        Assert.SkipUnless(Native.Rbd.RbdLibrary.IsPresent(), "needs librbd (Debian: librbd1)");
        string conf = _directory["ceph.conf"];
        File.WriteAllText(conf, $"[global]\nkeyring = {_directory.FullPath}/$cluster.$name.keyring\n");
        CephNode node = Node(new() { CachePath = "/x", RbdUser = "nova", RbdCephConf = conf });
        Assert.Contains(_directory["ceph.client.nova.keyring"], Assert.Single(node.Missing()), StringComparison.Ordinal);
        File.WriteAllText(_directory["ceph.client.nova.keyring"], string.Empty);
        Assert.Empty(node.Missing());
        Assert.Equal($"possible, as client.nova with '{conf}'", node.Readiness());
    }

    private static CephNode Node(ImageCacheConfiguration configuration, params (string Name, string Value)[] environment)
        => new(configuration, environment.ToDictionary(static pair => pair.Name, static pair => pair.Value));
}
