using ImageCache.Engine.Handlers;
using Xunit;

namespace ImageCache.Engine.Tests.Handlers;

public sealed class CinderLocationTests
{
    private const string Volume = "0aa2bb33-55cc-4dd4-8ee8-ff0011223344";

    [Theory]
    [InlineData("cinder://" + Volume, null)]
    [InlineData("CINDER://0AA2BB33-55CC-4DD4-8EE8-FF0011223344", null)]
    [InlineData("cinder://Fast/" + Volume, "Fast")]
    [InlineData("cinder://my%20st%C3%B6re%2F1/" + Volume, "my störe/1")]
    public void StoreAndVolumeAreRead(string url, string? store)
    {
        Assert.True(CinderLocation.TryParse(url, out CinderLocation? location, out _));
        Assert.Equal(new CinderLocation(store, Volume), location);
    }

    [Theory]
    [InlineData("cinder://", "empty")]
    [InlineData("cinder:///" + Volume, "empty")]
    [InlineData("cinder://store/", "empty")]
    [InlineData("cinder://a/b/" + Volume, "more parts")]
    [InlineData("cinder://store/image-1", "no UUID")]
    [InlineData("cinder://{0aa2bb33-55cc-4dd4-8ee8-ff0011223344}", "no UUID")]
    [InlineData("cinder://0aa2bb3355cc4dd48ee8ff0011223344", "no UUID")]
    [InlineData("cinder://store/..", "no UUID")]
    [InlineData("cinder://%zz/" + Volume, "wrongly encoded")]
    [InlineData("cinder://%00/" + Volume, "wrongly encoded")]
    [InlineData("cinder://" + Volume + "?x=y", "no UUID")]
    [InlineData("rbd://store/" + Volume, "no cinder")]
    public void WhatCannotBeUsedIsRefusedWithAReason(string url, string reason)
    {
        Assert.False(CinderLocation.TryParse(url, out CinderLocation? location, out string? why));
        Assert.Null(location);
        Assert.Contains(reason, why, StringComparison.Ordinal);
    }

    [Fact]
    public void AnAbsurdlyLongStoreIsRefused()
        => Assert.False(CinderLocation.TryParse($"cinder://{new string('s', 5000)}/{Volume}", out _, out _));
}
