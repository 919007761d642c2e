using ImageCache.Engine.Volumes;
using Xunit;

namespace ImageCache.Engine.Tests.Volumes;

public sealed class FuseConfigurationTests : IDisposable
{
    private readonly TestDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData("# how to\nuser_allow_other\nmount_max = 1000\n", true)]
    [InlineData("  user_allow_other  ", true)]
    [InlineData("#user_allow_other\n", false)]
    [InlineData("user_allow_others\n", false)]
    [InlineData("", false)]
    public void OnlyTheWordOnALineOfItsOwnLetsUsersShare(string text, bool expected)
    {
        File.WriteAllText(_directory["fuse.conf"], text);
        Assert.Equal(expected, FuseConfiguration.LetsUsersShare(_directory["fuse.conf"]));
    }

    [Fact]
    public void WithoutAFileUsersShareNothing() => Assert.False(FuseConfiguration.LetsUsersShare(_directory["none"]));
}
