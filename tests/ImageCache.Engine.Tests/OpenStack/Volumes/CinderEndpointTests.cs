using ImageCache.Engine.OpenStack.Volumes;
using Xunit;

namespace ImageCache.Engine.Tests.OpenStack.Volumes;

public sealed class CinderEndpointTests
{
    [Theory]
    [InlineData("http://h:8776/v3/abc")]
    [InlineData("http://h:8776/v3/abc/")]
    [InlineData("http://h:8776/v3")]
    [InlineData("http://h:8776/v3.0/")]
    [InlineData("http://h:8776/")]
    [InlineData("http://h:8776/v2/abc")]
    public void EverySpellingOfTheCatalogLeadsToTheSamePlace(string endpoint)
    {
        CinderEndpoint cinder = new(new Uri(endpoint), "abc");
        Assert.Equal("http://h:8776/v3/abc/volumes/x", cinder.Volume("x").AbsoluteUri);
        Assert.Equal("http://h:8776/v3/", cinder.Version3.AbsoluteUri);
        Assert.Equal("http://h:8776/", cinder.Root.AbsoluteUri);
    }

    [Theory]
    [InlineData("https://h/volume/v3/%(x)s", "https://h/volume/v3/%25(x)s/attachments")]
    [InlineData("https://h/volume", "https://h/volume/v3/abc/attachments")]
    [InlineData("https://h/v3volumes/v3", "https://h/v3volumes/v3/abc/attachments")]
    public void APrefixStays(string endpoint, string attachments)
        => Assert.Equal(attachments, new CinderEndpoint(new Uri(endpoint), "abc").Attachments.AbsoluteUri);

    [Theory]
    [InlineData("3.70", 3, 70)]
    [InlineData("3.9", 3, 9)]
    public void VersionsAreCompared(string text, int major, int minor)
    {
        Assert.True(Microversion.TryParse(text, out Microversion version));
        Assert.Equal(new Microversion(major, minor), version);
        Assert.Equal(text, version.ToString());
        Assert.Equal(minor >= 44, version >= Microversion.Oldest);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("3")]
    [InlineData("3.")]
    [InlineData("3.-1")]
    [InlineData("3.4.5")]
    [InlineData("3.99999999999")]
    public void WhatIsNoVersionIsNone(string? text) => Assert.False(Microversion.TryParse(text, out _));
}
