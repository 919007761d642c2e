using FsCheck;
using FsCheck.Fluent;
using ImageCache.Engine.Store;
using Xunit;

namespace ImageCache.Engine.Tests.Store;

public sealed class CacheLayoutTests
{
    // Made by Python: hashlib.sha1(id.encode()).hexdigest(), which is what nova does.
    [Theory]
    [InlineData("155d900f-4e14-4e4c-a73d-069cbf4541e6", "f2d1a8250ed3d4b744a8250dab8f6840179d502a")]
    [InlineData("1", "356a192b7913b04c54574d18c28d46e6395428ab")]
    [InlineData("Größe ✓", "281766160972b4d4774e2d244e0a1ad9b4ec2a3f")]
    [InlineData("sha256:0000000000000000000000000000000000000000000000000000000000000000", "8b3024a97a44f2d143047d1cdaabeb5aa98591d1")]
    public void A_base_file_has_novas_name(string imageId, string baseName) => Assert.Equal(baseName, CacheLayout.BaseName(imageId));

    [Fact]
    public void Every_id_gives_a_name_that_nova_would_see_as_a_base_file()
        => Prop.ForAll<NonNull<string>>(static id => CacheLayout.IsBaseName(CacheLayout.BaseName(id.Get))).QuickCheckThrowOnFailure();

    [Theory]
    [InlineData("f2d1a8250ed3d4b744a8250dab8f6840179d502")]
    [InlineData("f2d1a8250ed3d4b744a8250dab8f6840179d502a_")]
    [InlineData("F2D1A8250ED3D4B744A8250DAB8F6840179D502A")]
    [InlineData("g2d1a8250ed3d4b744a8250dab8f6840179d502a")]
    [InlineData("../1a8250ed3d4b744a8250dab8f6840179d502a")]
    [InlineData("")]
    public void Other_names_are_no_base_files(string name) => Assert.False(CacheLayout.IsBaseName(name));

    [Theory]
    [InlineData("/var/lib/nova/instances/_base")]
    [InlineData("/var/lib/nova/instances/_base/")]
    [InlineData("/var/lib/nova/../nova/instances/_base//")]
    public void Locks_lie_beside_the_cache_and_all_else_in_it(string cachePath)
    {
        CacheLayout layout = new(cachePath);
        Assert.Equal("/var/lib/nova/instances/_base/abc", layout.BasePath("abc"));
        Assert.Equal("/var/lib/nova/instances/locks/nova-abc", layout.LockPath("abc"));
        Assert.Equal("/var/lib/nova/instances/_base/.imagecache/records/abc.json", layout.RecordPath("abc"));
        Assert.StartsWith("/var/lib/nova/instances/_base/.imagecache/", layout.TemporaryPath, StringComparison.Ordinal);
    }
}
