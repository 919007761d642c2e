using ImageCache.Engine.Handlers;
using Xunit;

namespace ImageCache.Engine.Tests.Handlers;

public sealed class RbdLocationTests
{
    [Theory]
    [InlineData("rbd://b764f726/images/one/snap", "b764f726", "images", "one", "snap")]
    [InlineData("RBD://B764F726/images/one/snap", "B764F726", "images", "one", "snap")]
    [InlineData("rbd://f/my%20pool/a%2Fb%40c/s%25%C3%A9", "f", "my pool", "a/b@c", "s%é")]
    [InlineData("rbd://f/p/..%2f..%2fetc/-s", "f", "p", "../../etc", "-s")]
    public void EachPartIsDecodedByItself(string url, string fsid, string pool, string image, string snapshot)
    {
        Assert.True(RbdLocation.TryParse(url, out RbdLocation? location, out _));
        Assert.Equal(new RbdLocation(fsid, pool, image, snapshot), location);
    }

    [Theory]
    [InlineData("rbd://one", "short form")]
    [InlineData("rbd://f/p/i", "four parts")]
    [InlineData("rbd://f/p/i/s/x", "four parts")]
    [InlineData("rbd://f/p/i/", "empty")]
    [InlineData("rbd:///p/i/s", "empty")]
    [InlineData("rbd://f/p/%/s", "wrongly encoded")]
    [InlineData("rbd://f/p/%4/s", "wrongly encoded")]
    [InlineData("rbd://f/p/%zz/s", "wrongly encoded")]
    [InlineData("rbd://f/p/%ff/s", "wrongly encoded")]
    [InlineData("rbd://f/p/%00/s", "wrongly encoded")]
    [InlineData("rbd://f/p/é/s", "wrongly encoded")]
    [InlineData("cinder://f/p/i/s", "no rbd")]
    public void WhatCannotBeUsedIsRefusedWithAReason(string url, string reason)
    {
        Assert.False(RbdLocation.TryParse(url, out _, out string? why));
        Assert.Contains(reason, why, StringComparison.Ordinal);
    }

    [Fact]
    public void AnAbsurdlyLongPartIsRefused()
        => Assert.False(RbdLocation.TryParse($"rbd://f/p/{new string('i', 5000)}/s", out _, out _));
}
