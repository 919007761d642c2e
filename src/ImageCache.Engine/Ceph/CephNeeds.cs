using ImageCache.Engine.Diagnostics;
using ImageCache.Engine.Formats;

namespace ImageCache.Engine.Ceph;

/// <summary>What a node needs to read from Ceph. Only local files are looked at.</summary>
internal static class CephNeeds
{
    private const string Library = "librbd";

    public static IReadOnlyList<NodeNeed> Of(CephNode node) =>
    [
        new("rbd-export-setting", "Images may be read straight from Ceph.", () => Allowed(node)),
        new("rbd-pools", "Some pool may be read.", () => Pools(node)),
        new("ceph-conf", "The ceph.conf can be read.", () => Configuration(node)),
        new(Library, "librbd, or the commands of ceph-common, are installed.", () => Tools(node)),
        new("ceph-keyring", "The keyring that the ceph.conf names has the user's key.", () => Key(node)),
    ];

    private static NeedAnswer Allowed(CephNode node) => NeedAnswer.Unless(
        node.IsAllowed ? null : "it is not allowed: neither rbd_export nor nova.conf's [glance] enable_rbd_download or allowed_direct_url_schemes says so",
        "Set rbd_export to true in imagecache.yaml, or enable_rbd_download in nova.conf.");

    private static NeedAnswer Pools(CephNode node)
        => node.Pools.Count > 0 ? NeedAnswer.Pass(string.Join(", ", node.Pools)) : NeedAnswer.Fail("rbd_pools allows no pool", "Name Glance's pool in rbd_pools.");

    private static NeedAnswer Configuration(CephNode node) => node.WhyNoConfiguration() is { } reason
        ? NeedAnswer.Fail($"the ceph.conf cannot be read: {reason}", "Install the cluster's ceph.conf, or name it with rbd_ceph_conf.")
        : NeedAnswer.Pass(node.ConfigurationPath());

    private static NeedAnswer Tools(CephNode node)
    {
        if (node.HasLibrary())
        {
            return NeedAnswer.Pass(Library);
        }

        return ExecutableSearch.TryFind("rbd") is { } rbd && ExecutableSearch.TryFind("ceph") is not null
            ? NeedAnswer.Pass($"{rbd}, instead of {Library}")
            : NeedAnswer.Fail(
                "neither librbd (on Debian and Ubuntu, the package librbd1) nor the commands rbd and ceph (ceph-common) are installed",
                "Install librbd1.");
    }

    // The commands look for the key by themselves, and say so when there is none.
    private static NeedAnswer Key(CephNode node)
    {
        if (node.WhyNoConfiguration() is not null)
        {
            return NeedAnswer.Skipped("the ceph.conf that names it cannot be read");
        }

        if (!node.HasLibrary())
        {
            return NeedAnswer.Skipped($"there is no {Library} to read the ceph.conf with");
        }

        return node.WhyNoKey() is { } reason
            ? NeedAnswer.Fail(reason, $"Install the output of 'ceph auth get {node.User}' there, readable for this user.")
            : NeedAnswer.Pass($"for {node.User}");
    }
}
